// The question before something is paid for: what is done, where it is pinned, what it costs, what is left.

import { l10n, window } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import { printable } from '../../../base/printable.ts'
import type { Plan } from '../../../flows/deploying/plan.ts'
import type { Replayed } from '../../../flows/deploying/replayed.ts'
import { formatStrk } from '../../trees/words.ts'
import type { Given } from '../given.ts'
import type { NetworkAccounts } from './accounts.ts'

/** Throws CANCELLED. */
export async function confirmPlan(accounts: NetworkAccounts, given: Given, plan: Plan): Promise<void> {
  const { network, doing, fee } = plan
  if (given.confirmed || BigInt(fee.maximum) <= accounts.unaskedFee(network)) return
  const yes = l10n.t('Send')
  const always = l10n.t('Send, and Ask No More up to This Fee')
  const question = l10n.t('{0} on {1}?', doing.charAt(0).toUpperCase() + doing.slice(1), network)
  const options = { modal: true, detail: describePlan(plan) }
  const answer = await window.showWarningMessage(question, options, yes, always)
  if (answer === always) await accounts.allowUnasked(network, fee.maximum)
  else if (answer !== yes) throw new WasmateError('CANCELLED')
}

export function describePlan({ contract, account, change, fee, warnings }: Plan): string {
  const { name = '', from = null, to, pinAt = [], fetchFrom = [], replayed } = change ?? {}
  const before = from ? `v${from.version} ${printable(from.cid, 120)}` : l10n.t('nobody has it')
  const changed = to
    ? [
        l10n.t('{0} means now: {1}', name, before),
        l10n.t('It is to mean: {0}, {1} bytes', to.cid, to.size),
        l10n.t(
          'Pinned at {0}, and fetched back from {1} before it is sent',
          pinAt.join(', '),
          fetchFrom.join(', '),
        ),
      ]
    : []
  return [
    ...changed,
    ...(replayed ? describeReplayed(replayed) : []),
    l10n.t('Fee: {0}, at most {1}', formatStrk(fee.estimate), formatStrk(fee.maximum)),
    l10n.t('Balance: {0}, {1} after it', formatStrk(fee.balance), formatStrk(fee.balanceAfter)),
    l10n.t('Account: {0}', account),
    l10n.t('Registry: {0}', contract),
    ...warnings.map((warning) => l10n.t('Warning: {0}', warning)),
  ].join('\n')
}

function describeReplayed(replayed: Replayed): string[] {
  if ('failed' in replayed) {
    return [l10n.t('No recorded calls were replayed: {0}', printable(replayed.failed, 400))]
  }
  const { same, changed, skipped, first } = replayed
  const count = same + changed
  return [
    ...(first
      ? [
          l10n.t('Recorded calls that give something else now: {0} of {1}', changed, count),
          printable(first.difference),
        ]
      : []),
    ...(count > 0 && !first ? [l10n.t('Recorded calls replayed: {0}, all give the same', count)] : []),
    ...(skipped > 0 ? [l10n.t("Recorded calls that can't be replayed: {0}", skipped)] : []),
  ]
}
