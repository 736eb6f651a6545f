// What is about to be done and paid, shown; and whether it may be: by a person, by --yes, or by what was settled before.

import { WasmateError } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import type { Plan } from '../../flows/deploying/plan.ts'
import type { Replayed } from '../../flows/deploying/replayed.ts'
import { formatStrk, parseStrk } from '../../registry/paid/cost.ts'
import type { Session } from '../session.ts'
import { ask, canAsk } from './prompt.ts'
import { recall, remember } from './remembered.ts'

export interface FeeOptions {
  yes?: boolean
  maxFee?: string
}

/** In FRI. Throws INPUT_INVALID, and CONFIRMATION_MISSING for a yes without an end. */
export function readMaximum({ yes, maxFee }: FeeOptions): bigint | undefined {
  if (maxFee !== undefined) return parseStrk(maxFee)
  if (yes) throw new WasmateError('CONFIRMATION_MISSING', '--yes needs a maximum: --max-fee')
  return undefined
}

export async function confirmPlan(session: Session, { yes }: FeeOptions, plan: Plan): Promise<void> {
  const { output } = session
  if (output.json) output.result({ plan }, '')
  else output.note(describePlan(plan))
  if (yes) return
  const { network, fee } = plan
  const { unaskedFee } = await recall(session, network)
  if (unaskedFee !== undefined && BigInt(fee.maximum) <= BigInt(unaskedFee)) return
  if (!canAsk(session)) throw new WasmateError('CONFIRMATION_MISSING', 'there is no terminal to ask on')
  const always = `a sends it, and asks no more on ${network} up to this fee`
  const answer = (await ask(`y sends it, ${always}, anything else stops: `, session)).toLowerCase()
  if (answer === 'a') await remember(session, network, { unaskedFee: fee.maximum })
  else if (answer !== 'y') throw new WasmateError('CANCELLED')
}

export function describePlan({ network, contract, account, doing, change, fee, warnings }: Plan): string {
  const [estimate, maximum, balance, after] = [fee.estimate, fee.maximum, fee.balance, fee.balanceAfter].map(
    (fri) => formatStrk(BigInt(fri)),
  )
  const from = change?.from ? `v${change.from.version}  ${printable(change.from.cid, 120)}` : 'nothing'
  return [
    `${doing} on ${network}`,
    // An account that is put there is its own.
    ...(contract === account ? [] : [`  registry  ${contract}`]),
    `  account   ${account}`,
    ...(change
      ? [
          `  from      ${from}`,
          `  to        ${change.to.cid}  ${change.to.size} B`,
          `  source    ${change.to.sourceCid || 'none'}`,
          `  pin at    ${change.pinAt.join(' and ')}`,
          `  fetched   from ${change.fetchFrom.join(' and ')} before anything is sent`,
          ...(change.replayed ? describeReplayed(change.replayed) : []),
        ]
      : []),
    `  fee       ${estimate}, at most ${maximum}`,
    `  balance   ${balance}, ${after} after it`,
    ...warnings.map((warning) => `  warning: ${warning}`),
  ].join('\n')
}

function describeReplayed(replayed: Replayed): string[] {
  if ('failed' in replayed) return [`  replayed  nothing: ${printable(replayed.failed, 400)}`]
  const { same, changed, skipped, first } = replayed
  const count = same + changed
  const left = skipped > 0 ? `, ${skipped} can't be replayed` : ''
  if (count === 0) return [`  replayed  none of ${skipped} recorded calls: they can't be replayed`]
  if (!first) {
    return [`  replayed  ${count} recorded ${count === 1 ? 'call' : 'calls'}: all give the same${left}`]
  }
  return [
    `  replayed  ${changed} of ${count} recorded calls differ${left}; the newest, ${first.receipt}:`,
    ...printable(first.difference)
      .split('\n')
      .map((line) => `              ${line}`),
  ]
}
