// The commands on functions and names: each part registers its own.

import { Disposable, type ExtensionContext } from 'vscode'
import type { Emulators } from '../emulators.ts'
import { registerChooseAccount } from './accounts.ts'
import { registerDiff } from './checks/diff.ts'
import { registerExportCar } from './export.ts'
import { ChosenNetwork, registerChooseNetwork } from './networks.ts'
import { NetworkAccounts } from './network/accounts.ts'
import { NetworkChanges, registerPublishRegistry } from './network/change.ts'
import { registerForgetAccount, registerImportAccount } from './network/import.ts'
import { registerNewFunction } from './new.ts'
import { registerAccept, registerTransfer } from './ownership.ts'
import { registerPinning } from './pinning/pin.ts'
import { registerReplay } from './checks/replay.ts'
import { Reports } from './checks/report.ts'
import { registerVerify } from './checks/verify.ts'
import { registerWalkthrough } from './walkthrough.ts'
import { registerRollback, registerYank } from './versions.ts'

export function registerCommands(emulators: Emulators, context: ExtensionContext): Disposable {
  const desk = { emulators, context }
  const network = new ChosenNetwork(context.workspaceState)
  const accounts = new NetworkAccounts(context)
  const changes = new NetworkChanges(accounts)
  const reports = new Reports()
  return Disposable.from(
    reports,
    registerNewFunction(desk),
    registerVerify(desk, { network, reports, changes }),
    registerDiff(desk, reports),
    registerReplay(desk, reports),
    registerRollback(desk, network, changes),
    registerYank(desk, network, changes),
    registerTransfer(desk, network, changes),
    registerAccept(desk, network, changes),
    registerExportCar(desk, network),
    ...registerPinning(desk),
    registerChooseNetwork(network),
    registerChooseAccount(desk, network, accounts),
    registerImportAccount(desk, network, accounts),
    registerForgetAccount(desk, network, accounts),
    registerPublishRegistry(desk, network, accounts),
    registerWalkthrough(),
  )
}
