// Which network something is written to, and which account signs there.

import { ThemeIcon, commands, l10n, window } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import type { Profiles } from '../../../networks.ts'
import { commands as ids } from '../../ids.ts'
import { runVisibly } from '../../progress.ts'
import { formatStrk } from '../../trees/words.ts'
import { unlessGivenUp } from '../command.ts'
import type { ChosenNetwork } from '../networks.ts'
import type { NetworkAccounts } from './accounts.ts'

/** The chosen one where that is another than the emulator, else the only one there is or one that a person picks. */
export async function chooseOther(chosen: ChosenNetwork, profiles: Profiles, title: string): Promise<string> {
  if (chosen.name !== 'emulator') return chosen.name
  const { networkNames, findProfile } = await import('../../../networks.ts')
  const items = networkNames(profiles).map((name) => ({
    label: name,
    detail: findProfile(name, profiles).rpcUrl ?? l10n.t('no rpcUrl'),
    iconPath: new ThemeIcon('globe'),
  }))
  const options = { title, placeHolder: l10n.t('On which network?') }
  return unlessGivenUp(await window.showQuickPick(items, options)).label
}

/** An account is imported where there is none. Throws CANCELLED. */
export async function needAccount(accounts: NetworkAccounts, network: string): Promise<void> {
  if (accounts.chosen(network) !== undefined) return
  const imported = await commands.executeCommand(ids.importAccount, { network })
  if (imported === undefined) throw new WasmateError('CANCELLED')
}

/** Gives the address that signs from now on. The chain is asked what each has. */
export async function chooseNetworkAccount(
  accounts: NetworkAccounts,
  network: string,
  profiles: Profiles,
): Promise<string> {
  await needAccount(accounts, network)
  const known = accounts.list(network).map((address) => ({ address }))
  const [{ readAccounts }, { findProfile }] = await Promise.all([
    import('../../../flows/deploying/accounts.ts'),
    import('../../../networks.ts'),
  ])
  const standing = await runVisibly(l10n.t('Reading the accounts'), (signal) =>
    readAccounts(network, findProfile(network, profiles), known, signal),
  )
  const signs = accounts.chosen(network)
  const items = standing.map(({ address, balance, deployed }) => ({
    label: address,
    description: address === signs ? l10n.t('signs now') : '',
    detail: deployed ? formatStrk(balance) : l10n.t('{0}, not deployed', formatStrk(balance)),
    iconPath: new ThemeIcon(address === signs ? 'pass-filled' : 'account'),
  }))
  const another = { label: l10n.t('Import Another Account'), iconPath: new ThemeIcon('add') }
  const picked = unlessGivenUp(
    await window.showQuickPick([...items, another], {
      title: l10n.t('Choose Account'),
      placeHolder: l10n.t('Which account signs on {0}?', network),
    }),
  )
  if (picked === another) {
    const imported = await commands.executeCommand<string | undefined>(ids.importAccount, { network })
    return unlessGivenUp(imported)
  }
  await accounts.choose(network, picked.label)
  return picked.label
}
