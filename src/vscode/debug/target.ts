// A module that was built for a debugger, and a call of it -> what a session is about.

import { stat } from 'node:fs/promises'
import { l10n } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { DebugBuild } from '../../client/debug-messages.ts'
import type { DebugInfo } from '../../debug-info.ts'
import type { DebugTarget } from '../../debug/session/target.ts'
import type { DebuggedModule } from '../../runner/debuggee-messages.ts'
import { offerRebuild } from './changed.ts'

/** With what a debugger knows of its module. */
export interface ReadBuild {
  build: DebugBuild
  module: DebuggedModule
  info: DebugInfo
}

/** Throws EXPORT_REQUIRED, EXPORT_NOT_FOUND. */
export function chooseExport(
  { exports, defaultExport, name }: DebugBuild,
  wanted: string | undefined,
): string {
  const chosen = wanted ?? defaultExport ?? (exports.length === 1 ? exports[0] : undefined)
  if (chosen !== undefined && exports.includes(chosen)) return chosen
  const listed = exports.join(', ')
  if (chosen === undefined) throw new WasmateError('EXPORT_REQUIRED', listed)
  throw new WasmateError('EXPORT_NOT_FOUND', l10n.t('{0} of {1}; it has {2}', chosen, name, listed))
}

/** Throws what can't be read of a module. */
export async function readBuild(build: DebugBuild): Promise<ReadBuild> {
  const { readDebugInfo } = await import('../../debug/info/info.ts')
  const bytes = new Uint8Array(Buffer.from(build.base64, 'base64'))
  const info = readDebugInfo(bytes, build.folder, build.symbols)
  return { build, module: { bytes, settings: build.settings }, info }
}

export async function toTarget(
  { build, module, info }: ReadBuild,
  exported: string,
  input: Uint8Array,
): Promise<DebugTarget> {
  const { name, symbols, options, vars } = build
  return {
    name: `${name} ${exported}`,
    info,
    libraries: symbols?.libraries ?? {},
    module,
    remarks: await remarksOfModule(build, info),
    call: {
      ...{ export: exported, input },
      ...{
        config: options.config,
        allowedHosts: options.allowedHosts,
        maxMemoryBytes: options.maxMemoryBytes,
      },
      vars: new Map(vars.map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))])),
    },
  }
}

/** A ready module was built by somebody else, and before its sources were last changed, or without telling of them. */
async function remarksOfModule({ language, entry, name }: DebugBuild, info: DebugInfo): Promise<string[]> {
  if (language !== 'wasm' || entry === '') return []
  if (info.rows.length === 0) return [l10n.t('{0} says nothing of its source: it has no DWARF.', entry)]
  const builtAt = (await stat(entry)).mtimeMs
  for (const source of info.sources) {
    const found = await stat(source).catch(() => undefined)
    if (found && found.mtimeMs > builtAt) {
      void offerRebuild(name)
      return [l10n.t('{0} has changed since {1} was built: lines may not be where they seem.', source, entry)]
    }
  }
  return []
}
