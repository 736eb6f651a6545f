// A debug configuration -> the call to debug: the source as it is now, compiled for it by the emulator.

import { l10n } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { ControlClient } from '../../client/control.ts'
import type { InterceptedCall } from '../../client/debug-messages.ts'
import type { DebugTarget } from '../../debug/session/target.ts'
import type { CallReply } from '../../runner/messages.ts'
import type { SourceFunction } from '../source/functions.ts'
import { readInput } from '../source/input.ts'
import { type ConfigurationParts, type WasmateConfiguration, inputOf } from './configuration.ts'
import { type ReadBuild, chooseExport, toTarget } from './target.ts'

/**
 * Starts an emulator when none runs. Throws BUILD_FAILED, EXPORT_NOT_FOUND, INPUT_INVALID, CASES_INVALID and what
 * starting throws.
 */
export async function prepareLaunch(
  parts: ConfigurationParts,
  found: SourceFunction,
  configuration: WasmateConfiguration,
  signal: AbortSignal,
): Promise<DebugTarget> {
  const ready = await parts.builds.take(found, signal)
  const { build } = ready
  if (configuration.case !== undefined) return toCaseTarget(ready, configuration.case)
  const exported = chooseExport(build, configuration.export)
  const input = inputOf(configuration, parts.inputs.list(build.name, exported))
  return toTarget(ready, exported, await readInput(input))
}

/** Waits for the next call of the function in the emulator, which gets its answer from here. */
export async function prepareAttach(
  parts: ConfigurationParts,
  found: SourceFunction,
  signal: AbortSignal,
): Promise<DebugTarget> {
  const ready = await parts.builds.take(found, signal)
  const { client, build } = ready
  const call = await nextCall(client, build.name, signal)
  const exported = chooseExport(build, call.export)
  const target = await toTarget(ready, exported, Buffer.from(call.base64, 'base64'))
  target.remarks.push(...(await remarksOfDeployed(client, found)))
  return { ...target, answered: (reply) => answer(client, call.id, exported, reply) }
}

/** The stream stays open until the call is answered: with it the emulator sees that somebody debugs. */
function nextCall(client: ControlClient, name: string, signal: AbortSignal): Promise<InterceptedCall> {
  return new Promise((resolve, reject) => {
    client.stream('debugNext', { name }, { signal, step: resolve }).catch(reject)
  })
}

async function answer(client: ControlClient, id: string, exported: string, reply: CallReply): Promise<void> {
  const { logs, durationMs, result } = reply
  const told = result.ok
    ? { ok: true as const, base64: Buffer.from(result.output).toString('base64') }
    : { ok: false as const, code: result.code, detail: result.detail }
  await client.stream('debugAnswer', { id, export: exported, durationMs, logs, result: told }, {})
}

/** What answers is what was deployed; what is debugged is the source as it is now. */
async function remarksOfDeployed(client: ControlClient, { path, name }: SourceFunction): Promise<string[]> {
  const found = (await client.stream('overview', {}, {})).find((each) => each.path === path)
  if (!found || found.standing === 'in-step') return []
  return [l10n.t('{0} has changed since it was deployed: what is debugged is the source as it is now.', name)]
}

/** The call as a run makes it: with no vars from before it. */
async function toCaseTarget(ready: ReadBuild, name: string): Promise<DebugTarget> {
  const { build } = ready
  const { chooseCases, readCaseInput } = await import('../../flows/cases/file.ts')
  const [found] = await chooseCases(build.folder, [name])
  if (!found) throw new WasmateError('CASES_INVALID', name)
  const options = { ...build.options, config: { ...build.options.config, ...found.config } }
  const input = await readCaseInput(found, build.folder)
  return toTarget(
    { ...ready, build: { ...build, options, vars: [] } },
    chooseExport(build, found.export),
    input,
  )
}
