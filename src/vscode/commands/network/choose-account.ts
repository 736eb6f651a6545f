// Choose Account: which of the local chain's accounts signs what is deployed and changed here.

import { ConfigurationTarget, ThemeIcon, commands, l10n, window, workspace } from 'vscode'
import { WasmateError } from '../../../base/errors.ts'
import type { Account } from '../../../client/messages.ts'
import type { EmulatorLink } from '../../emulator/link.ts'
import { runVisibly } from '../../progress.ts'
import { formatStrk } from '../../trees/words.ts'
import { type Desk, type Run, linkFor, unlessGivenUp } from '../command.ts'
import type { NetworkAccounts } from './accounts.ts'
import { chooseNetworkAccount } from './choose.ts'
import type { ChosenNetwork } from '../networks.ts'
import { readConfig } from '../../settings.ts'

/** Of the local chain; while another network is chosen, of those that are kept for it here. */
export function chooseAccountCommand(desk: Desk, chosen: ChosenNetwork, kept: NetworkAccounts): Run {
  return async (given) => {
    const network = chosen.of(given)
    const link = await linkFor(desk, given)
    if (network !== 'emulator') {
      const { networks } = await readConfig(link.folder)
      return chooseNetworkAccount(kept, network, networks.profiles)
    }
    const client = await link.require()
    const accounts = await runVisibly(l10n.t('Reading the accounts'), (signal) =>
      client.stream('accounts', {}, { signal }),
    )
    const address = given.address ?? (await askForAccount(accounts))
    const index = accounts.findIndex((account) => BigInt(account.address) === BigInt(address))
    if (index < 0)
      throw new WasmateError('ACCOUNT_MISSING', `${address}; ${l10n.t('it is not one of this chain')}`)
    if (!accounts[index]?.signs) await signWith(link, index)
    return address
  }
}

async function askForAccount(accounts: Account[]): Promise<string> {
  const items = accounts.map(({ address, balance, signs }) => ({
    label: address,
    description: signs ? l10n.t('signs now') : '',
    detail: formatStrk(balance),
    iconPath: new ThemeIcon(signs ? 'pass-filled' : 'account'),
    address,
  }))
  const more = {
    label: l10n.t('Have More Accounts'),
    detail: l10n.t('A setting; it takes a new chain: reset the emulator then.'),
    iconPath: new ThemeIcon('gear'),
    address: undefined,
  }
  const chosen = await window.showQuickPick([...items, more], {
    title: l10n.t('Choose Account'),
    placeHolder: l10n.t('Which account signs here? The emulator is restarted for it.'),
    matchOnDescription: true,
  })
  const { address } = unlessGivenUp(chosen)
  if (address !== undefined) return address
  await commands.executeCommand('workbench.action.openSettings', 'wasmate.devnet.accounts')
  throw new WasmateError('CANCELLED')
}

/** A setting of the folder, so that it holds for whoever starts the emulator here next. */
async function signWith(link: EmulatorLink, index: number): Promise<void> {
  const settings = workspace.getConfiguration('wasmate', link.folder.uri)
  // While it is stopped: nobody is asked whether to restart it.
  await link.stop()
  try {
    await settings.update('devnet.account', index, ConfigurationTarget.WorkspaceFolder)
  } finally {
    await link.start()
  }
}
