// A command as a person runs it: what goes wrong is said, with the next step as a button where there is one.

import { type Disposable, type ExtensionContext, commands, l10n, window, workspace } from 'vscode'
import { type ErrorCode, WasmateError, toWasmateError } from '../../base/errors.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { sayFailure } from '../failure.ts'
import { type Given, readGiven } from './given.ts'

/** What every command has at hand. */
export interface Desk {
  emulators: Emulators
  context: ExtensionContext
}

/** Gives what came of it; `undefined` when it was given up or went wrong, which was said then. */
export function register<T>(id: string, run: (given: Given) => Promise<T>): Disposable {
  return registerCommand(id, (value) => run(readGiven(value)))
}

/** The same, for what reads itself what it is called with. */
export function registerCommand<T>(id: string, run: (value: unknown) => Promise<T>): Disposable {
  return commands.registerCommand(id, async (value?: unknown): Promise<T | undefined> => {
    try {
      return await run(value)
    } catch (error) {
      if (toWasmateError(error).code !== 'CANCELLED') void tellFailure(error)
      return undefined
    }
  })
}

interface NextStep {
  title: string
  command: string
  args?: unknown[]
}

export async function tellFailure(error: unknown): Promise<void> {
  const next = nextSteps()[toWasmateError(error).code]
  const chosen = await window.showErrorMessage(sayFailure(error), ...(next ? [next.title] : []))
  if (next && chosen === next.title) await commands.executeCommand(next.command, ...(next.args ?? []))
}

function nextSteps(): Partial<Record<ErrorCode, NextStep>> {
  const logs = { title: l10n.t('Show Logs'), command: 'wasmate.showLogs' }
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
    WORKSPACE_UNTRUSTED: { title: l10n.t('Manage Trust'), command: 'workbench.trust.manage' },
    NETWORK_UNKNOWN: settings('wasmate.networks'),
    CONFIG_INVALID: settings('@ext:wasmate.wasmate'),
    ACCOUNT_MISSING: { title: l10n.t('Import Account'), command: 'wasmate.importAccount' },
    PINNING_SERVICE_UNKNOWN: settings('wasmate.pinning'),
    PINNING_UNREACHABLE: settings('wasmate.pinning'),
    PINNING_REFUSED: { title: l10n.t('Forget Token'), command: 'wasmate.forgetPinningToken' },
    TOOLCHAIN_MISSING: { title: l10n.t('Run Doctor'), command: 'wasmate.doctor' },
    CHAIN_NOT_READY: logs,
    INTERNAL: logs,
  }
}

/** The emulator that is meant; asks when there are several. Throws WORKSPACE_UNTRUSTED, EMULATOR_NOT_RUNNING, CANCELLED. */
export async function linkFor(
  { emulators }: Pick<Desk, 'emulators'>,
  { path, folder: within }: Given,
): Promise<EmulatorLink> {
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
  const place = path ?? within
  const own =
    place === undefined ? undefined : emulators.all.find(({ folder }) => holds(folder.uri.fsPath, place))
  const link = own ?? (await emulators.choose())
  if (link) return link
  if (emulators.all.length > 0) throw new WasmateError('CANCELLED')
  throw new WasmateError('EMULATOR_NOT_RUNNING', l10n.t('no folder of this machine is open in this window'))
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`)
}

/** What was given up is CANCELLED, and no more is said of it. */
export function unlessGivenUp<T>(chosen: T | undefined): T {
  if (chosen === undefined) throw new WasmateError('CANCELLED')
  return chosen
}
