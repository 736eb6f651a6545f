// A debug configuration -> the call to debug: the source as it is now, compiled for it by the emulator.

import { l10n } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { DebugBuild } from '../../client/messages.ts'
import type { DebugTarget } from '../../debug/session/target.ts'
import { saveAll } from '../source/commands.ts'
import type { SourceFunction } from '../source/functions.ts'
import { readInput } from '../source/input.ts'
import { type ConfigurationParts, type WasmateConfiguration, inputOf } from './configuration.ts'

/** Starts an emulator when none runs. Throws BUILD_FAILED, EXPORT_NOT_FOUND, INPUT_INVALID and what starting throws. */
export async function prepareLaunch(
  parts: ConfigurationParts,
  found: SourceFunction,
  configuration: WasmateConfiguration,
  signal: AbortSignal,
): Promise<DebugTarget> {
  await saveAll(parts.functions, found)
  const client = await found.link.require(signal)
  const build = await client.stream('debugBuild', { path: found.path }, { signal })
  const exported = chooseExport(build, configuration.export)
  const input = inputOf(configuration, parts.inputs.list(build.name, exported))
  return toTarget(build, exported, await readInput(input))
}

function chooseExport({ exports, defaultExport, name }: DebugBuild, wanted: string | undefined): string {
  const chosen = wanted ?? defaultExport ?? (exports.length === 1 ? exports[0] : undefined)
  if (chosen !== undefined && exports.includes(chosen)) return chosen
  const listed = exports.join(', ')
  if (chosen === undefined) throw new WasmateError('EXPORT_REQUIRED', listed)
  throw new WasmateError('EXPORT_NOT_FOUND', l10n.t('{0} of {1}; it has {2}', chosen, name, listed))
}

async function toTarget(build: DebugBuild, exported: string, input: Uint8Array): Promise<DebugTarget> {
  const { readDebugInfo } = await import('../../debug/info/info.ts')
  const { name, folder, symbols, options, vars, settings } = build
  const bytes = new Uint8Array(Buffer.from(build.base64, 'base64'))
  return {
    name: `${name} ${exported}`,
    info: readDebugInfo(bytes, folder, symbols),
    libraries: symbols?.libraries ?? {},
    settings,
    remarks: [],
    call: {
      ...{ bytes, export: exported, input },
      ...{
        config: options.config,
        allowedHosts: options.allowedHosts,
        maxMemoryBytes: options.maxMemoryBytes,
      },
      vars: new Map(vars.map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))])),
    },
  }
}
