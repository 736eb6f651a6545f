// The commands on functions and names.

import { Disposable, type ExtensionContext, type LogOutputChannel, commands, l10n, window } from 'vscode'
import type { Emulators } from '../emulators.ts'
import { contextKeys, commands as ids } from '../ids.ts'
import { openPending } from '../pending.ts'
import { Reports } from './checks/report.ts'
import { type Desk, type Run, register } from './command.ts'
import { registerCommand } from '../telling.ts'
import { NetworkAccounts } from './network/accounts.ts'
import type { NetworkChanges } from './network/change.ts'
import { ChosenNetwork } from './networks.ts'
import { PinningTokens } from './pinning/tokens.ts'
import { registerWalkthrough } from './walkthrough.ts'

type Loaded = typeof import('./loaded.ts')

export function registerCommands(emulators: Emulators, context: ExtensionContext): Disposable {
  const desk = { emulators, context }
  const network = new ChosenNetwork(context.workspaceState)
  const accounts = new NetworkAccounts(context)
  const reports = new Reports()
  const changesOf = ({ NetworkChanges }: Loaded): NetworkChanges => new NetworkChanges(accounts)
  void openPending(context)
  return Disposable.from(
    reports,
    late(ids.newFunction, ({ newFunctionCommand }) => newFunctionCommand(desk)),
    late(ids.verify, (loaded) =>
      loaded.verifyCommand(desk, { network, reports, changes: changesOf(loaded) }),
    ),
    late(ids.diff, ({ diffCommand }) => diffCommand(desk, reports)),
    registerCommand(ids.replay, async (given) => (await load()).replayCommand(desk, reports)(given)),
    late(ids.exportCar, ({ exportCarCommand }) => exportCarCommand(desk, network)),
    late(ids.rollback, (loaded) => loaded.rollbackCommand(desk, network, changesOf(loaded))),
    late(ids.yank, (loaded) => loaded.yankCommand(desk, network, changesOf(loaded))),
    late(ids.transfer, (loaded) => loaded.transferCommand(desk, network, changesOf(loaded))),
    late(ids.acceptOwnership, (loaded) => loaded.acceptCommand(desk, network, changesOf(loaded))),
    ...registerPinning(desk),
    late(ids.chooseAccount, ({ chooseAccountCommand }) => chooseAccountCommand(desk, network, accounts)),
    ...registerNetworks(desk, network, accounts),
    late(ids.publishRegistry, ({ publishRegistryCommand }) =>
      publishRegistryCommand(desk, network, accounts),
    ),
    registerWalkthrough(),
  )
}

const load = (): Promise<Loaded> => import('./loaded.ts')

function late(id: string, find: (loaded: Loaded) => Run): Disposable {
  return register(id, async (given) => find(await load())(given))
}

function registerPinning(desk: Desk): Disposable[] {
  let channel: LogOutputChannel | undefined
  const tokens = new PinningTokens(desk.context.secrets)
  const parts = {
    tokens,
    channel: () => (channel ??= window.createOutputChannel(l10n.t('Wasmate Pinning'), { log: true })),
  }
  return [
    new Disposable(() => channel?.dispose()),
    late(ids.pin, ({ pinCommand }) => pinCommand(desk, parts)),
    late(ids.forgetPinningToken, ({ forgetTokenCommand }) => forgetTokenCommand(desk, parts)),
  ]
}

/** What an empty registry of a network elsewhere says first is whether an account signs there. */
function registerNetworks(desk: Desk, network: ChosenNetwork, accounts: NetworkAccounts): Disposable[] {
  const tell = (): void => {
    const isKept = accounts.chosen(network.name) !== undefined
    void commands.executeCommand('setContext', contextKeys.hasAccount, isKept)
  }
  const telling = (id: string, find: (loaded: Loaded) => Run): Disposable =>
    late(id, (loaded) => (given) => find(loaded)(given).finally(tell))
  tell()
  return [
    telling(ids.chooseNetwork, ({ chooseNetworkCommand }) => chooseNetworkCommand(network)),
    telling(ids.importAccount, ({ importAccountCommand }) => importAccountCommand(desk, network, accounts)),
    telling(ids.forgetAccount, ({ forgetAccountCommand }) => forgetAccountCommand(desk, network, accounts)),
  ]
}
