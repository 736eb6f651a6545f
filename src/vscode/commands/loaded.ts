// The code of the commands, in one file that is loaded when the first of them is run: a window that opens has less to read.

export { diffCommand } from './checks/diff.ts'
export { replayCommand } from './checks/replay.ts'
export { verifyCommand } from './checks/verify.ts'
export { exportCarCommand } from './export.ts'
export { NetworkChanges, publishRegistryCommand } from './network/change.ts'
export { chooseAccountCommand } from './network/choose-account.ts'
export { chooseNetworkCommand } from './network/choose-network.ts'
export { forgetAccountCommand, importAccountCommand } from './network/import.ts'
export { newFunctionCommand } from './new.ts'
export { acceptCommand, transferCommand } from './ownership.ts'
export { forgetTokenCommand, pinCommand } from './pinning/pin.ts'
export { rollbackCommand, yankCommand } from './versions.ts'
