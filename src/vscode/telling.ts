// A command as a person runs it: what goes wrong is said, with the next step as a button where there is one.

import { type Disposable, commands, l10n, window } from 'vscode'
import { type ErrorCode, toWasmateError } from '../base/errors.ts'
import { sayFailure } from './failure.ts'

/** Gives what came of it; `undefined` when it was given up or went wrong, which was said then. */
export function registerCommand<T>(id: string, run: (value: unknown) => Promise<T>): Disposable {
  return commands.registerCommand(id, async (value?: unknown): Promise<T | undefined> => {
    try {
      return await run(value)
    } catch (error) {
      void tellFailure(error)
      return undefined
    }
  })
}

interface NextStep {
  title: string
  command: string
  args?: unknown[]
}

/** What was given up is no more said of. */
export async function tellFailure(error: unknown): Promise<void> {
  const { code } = toWasmateError(error)
  if (code === 'CANCELLED') return
  const next = nextSteps()[code]
  const chosen = await window.showErrorMessage(sayFailure(error), ...(next ? [next.title] : []))
  if (next && chosen === next.title) await commands.executeCommand(next.command, ...(next.args ?? []))
}

function nextSteps(): Partial<Record<ErrorCode, NextStep>> {
  const logs = { title: l10n.t('Show Logs'), command: 'wasmate.showLogs' }
  const doctor = { title: l10n.t('Run Doctor'), command: 'wasmate.doctor' }
  const problems = { title: l10n.t('Show Problems'), command: 'workbench.actions.view.problems' }
  const settings = (query: string): NextStep => ({
    title: l10n.t('Open Settings'),
    command: 'workbench.action.openSettings',
    args: [query],
  })
  return {
    BUILD_FAILED: problems,
    MANIFEST_INVALID: problems,
    WASM_NO_EXPORTS: problems,
    SOURCE_NOT_FOUND: { title: l10n.t('New Function'), command: 'wasmate.newFunction' },
    FOLDER_MISSING: { title: l10n.t('Open Folder'), command: 'workbench.action.files.openFolder' },
    WORKSPACE_UNTRUSTED: { title: l10n.t('Manage Trust'), command: 'workbench.trust.manage' },
    NETWORK_UNKNOWN: settings('wasmate.networks'),
    CONFIG_INVALID: settings('@ext:wasmate.wasmate'),
    ACCOUNT_MISSING: { title: l10n.t('Import Account'), command: 'wasmate.importAccount' },
    PINNING_SERVICE_UNKNOWN: settings('wasmate.pinning'),
    PINNING_UNREACHABLE: settings('wasmate.pinning'),
    PINNING_REFUSED: { title: l10n.t('Forget Token'), command: 'wasmate.forgetPinningToken' },
    TOOLCHAIN_MISSING: doctor,
    DEVNET_MISSING: doctor,
    ...Object.fromEntries(inLog.map((code) => [code, logs])),
  }
}

/** The emulator's own account of these says more. */
const inLog: ErrorCode[] = [
  ...(['EMULATOR_FAILED', 'EMULATOR_STARTING', 'EMULATOR_NOT_RUNNING', 'CHAIN_NOT_READY'] as const),
  ...(['STATE_DAMAGED', 'STATE_NEWER', 'STATE_UNWRITABLE', 'PORT_TAKEN', 'INTERNAL'] as const),
]
