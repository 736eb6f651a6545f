// A receipt -> the call to debug: the recorded one, told what it was told, so that it can go back as well.

import { createHash } from 'node:crypto'
import { Uri, type WorkspaceFolder, l10n } from 'vscode'
import { type WasmateError, toWasmateError } from '../../base/errors.ts'
import type { RecordedCall } from '../../client/debug-messages.ts'
import type { DebugTarget } from '../../debug/session/target.ts'
import { type Script, parseRecorded } from '../../recording.ts'
import type { CallReply } from '../../runner/messages.ts'
import { linkFor } from '../commands/command.ts'
import { saveAll } from '../source/commands.ts'
import type { ConfigurationParts, WasmateConfiguration } from './configuration.ts'
import { chooseExport, readBuild, toTarget } from './target.ts'

/**
 * Throws RECEIPT_NOT_FOUND, RECEIPT_INVALID, RECEIPT_DAMAGED, RECEIPT_NEWER, RECEIPT_INCOMPLETE, RECEIPT_MODULE_MISSING,
 * BUILD_FAILED, EXPORT_NOT_FOUND, and what starting an emulator throws.
 */
export async function prepareRecorded(
  { emulators, functions }: ConfigurationParts,
  folder: WorkspaceFolder | undefined,
  { receipt, function: path }: WasmateConfiguration,
  signal: AbortSignal,
): Promise<DebugTarget> {
  const found = path === undefined ? undefined : await functions.find(Uri.file(path))
  if (found) await saveAll(functions, found)
  const link = found?.link ?? emulators.of(folder?.uri) ?? (await linkFor({ emulators }, {}))
  const client = await link.require(signal)
  const named = /^\d+$/.test(String(receipt)) ? { invocation: Number(receipt) } : { receipt: String(receipt) }
  const recorded = await client.stream('debugReceipt', { ...named, path }, { signal })
  const exported = chooseExport(recorded.build, recorded.export)
  const target = await toTarget(
    await readBuild(recorded.build),
    exported,
    Buffer.from(recorded.base64, 'base64'),
  )
  const script = parseRecorded(recorded.script) as Script
  return {
    ...target,
    call: { ...target.call, script },
    remarks: [...target.remarks, ...remarksOf(recorded)],
    judge: (reply) => judge(recorded, reply),
  }
}

/** What is not in the receipt as a whole can still be called anew. */
export function isIncomplete(error: unknown): error is WasmateError {
  return toWasmateError(error).code === 'RECEIPT_INCOMPLETE'
}

function remarksOf({ module, build: { name }, receipt, unfaithful }: RecordedCall): string[] {
  const remarks: string[] = [
    l10n.t('Replays {0}: all that the call asks is answered by the receipt.', receipt),
  ]
  if (module === 'changed') {
    remarks.push(l10n.t('The source of {0} has changed since this call: it may go another way.', name))
  }
  if (module === 'recorded') {
    remarks.push(l10n.t('There is no source of {0} here: what is debugged is the module that ran.', name))
  }
  if (unfaithful.length > 0)
    remarks.push(l10n.t('It may come to something else: {0}.', unfaithful.join('; ')))
  return remarks
}

function judge({ came }: RecordedCall, { result, replayed }: CallReply): string {
  if (replayed?.diverged) {
    const { index, expected, got } = replayed.diverged
    const [wanted, asked] = [expected ?? l10n.t('none'), got ?? l10n.t('nothing, it had ended')]
    return l10n.t('It went another way at host call {0}: expected {1}, got {2}.', index + 1, wanted, asked)
  }
  if (isSame(came, result)) return l10n.t('The same as it was recorded.')
  return 'problem' in came
    ? l10n.t('Not as it was recorded: {0}: {1}.', came.problem.code, came.problem.detail)
    : l10n.t('Not as it was recorded: {0} bytes.', came.output.size)
}

/** The words of a trap name a place, which in a module for a debugger is another one. */
function isSame(came: RecordedCall['came'], result: CallReply['result']): boolean {
  if (!result.ok) return 'problem' in came && came.problem.code === result.code
  if ('problem' in came) return false
  return came.output.sha256 === createHash('sha256').update(result.output).digest('hex')
}
