// The running emulators of this window's folders, as their state files tell of them.

import { workspace } from 'vscode'
import { WasmateError, toWasmateError } from '../base/errors.ts'

/**
 * URLs of their gateways, in the order of the folders. Throws EMULATOR_NOT_RUNNING when there is none; a folder
 * that is not trusted is not asked: what it holds must not lead anywhere.
 */
export async function findGateways(signal: AbortSignal): Promise<string[]> {
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file')
  const [{ attach }, { workspaceAt }] = await Promise.all([
    import('../client/control.ts'),
    import('../workspace.ts'),
  ])
  const asked = await Promise.allSettled(
    folders.map(async ({ uri }) => (await attach(workspaceAt(uri.fsPath), signal)).state.urls.gateway),
  )
  const gateways = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  if (gateways.length > 0) return gateways
  const failed = asked.find((answer) => answer.status === 'rejected')
  if (failed) throw toWasmateError(failed.reason)
  throw new WasmateError('EMULATOR_NOT_RUNNING', 'no folder of this machine is open in this window')
}
