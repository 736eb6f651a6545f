// Transfer and accept: a name goes to another account in two steps, so that no mistyped address can own it.

import { l10n, window } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import { chooseName } from './choose.ts'
import { type Desk, type Run, linkFor, unlessGivenUp } from './command.ts'
import { type Question, confirm } from './confirm.ts'
import type { NetworkChanges } from './network/change.ts'
import type { ChosenNetwork } from './networks.ts'

export function transferCommand(desk: Desk, chosen: ChosenNetwork, changes: NetworkChanges): Run {
  return async (given) => {
    const network = chosen.of(given)
    const link = await linkFor(desk, given)
    const client = await link.require()
    const name = given.name ?? (await chooseName(client, network, l10n.t('Transfer a Function')))
    const to = given.to ?? (await askForAddress(name))
    const fault = findFault(to)
    if (fault !== undefined) throw new WasmateError('INPUT_INVALID', `${to}: ${fault}`)
    await confirm(given, BigInt(to) === 0n ? questionOfWithdrawal(name) : questionOfOffer(name, to))
    return changes.change(link, network, given, { kind: 'transfer-ownership', name, to })
  }
}

function questionOfOffer(name: string, to: string): Question {
  const consequence = l10n.t(
    'It stays yours until that account accepts. Then only it, and those it names, can publish.',
  )
  return {
    question: l10n.t('Offer {0} to another account?', name),
    detail: `${to}\n${consequence}`,
    yes: l10n.t('Offer'),
  }
}

function questionOfWithdrawal(name: string): Question {
  return {
    question: l10n.t('Withdraw the offer of {0}?', name),
    detail: l10n.t('0x0 is nobody: whoever it was offered to can not accept it any more.'),
    yes: l10n.t('Withdraw'),
  }
}

export function acceptCommand(desk: Desk, chosen: ChosenNetwork, changes: NetworkChanges): Run {
  return async (given) => {
    const network = chosen.of(given)
    const link = await linkFor(desk, given)
    const client = await link.require()
    const name = given.name ?? (await chooseName(client, network, l10n.t('Accept a Function')))
    return changes.change(link, network, given, { kind: 'accept-ownership', name })
  }
}

async function askForAddress(name: string): Promise<string> {
  const typed = await window.showInputBox({
    title: l10n.t('Transfer {0}', name),
    prompt: l10n.t('Address of the account that is to own it; 0x0 withdraws an offer'),
    placeHolder: '0x…',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? undefined : findFault(text.trim())),
  })
  if (typed?.trim() === '') throw new WasmateError('CANCELLED')
  return unlessGivenUp(typed).trim()
}

/** The field that Starknet's addresses are of: 2^251 + 17 * 2^192 + 1; they end before 2^251. */
const maxAddress = 2n ** 251n

function findFault(address: string): string | undefined {
  if (!/^0x[0-9a-fA-F]{1,64}$/.test(address)) return l10n.t('An address is 0x and at most 64 hex digits.')
  return BigInt(address) < maxAddress
    ? undefined
    : l10n.t('No account can have this address: it is too large.')
}
