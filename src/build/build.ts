// The build stage: a source in, a module that has been looked at out.

import { createHash } from 'node:crypto'
import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Service } from '../base/service.ts'
import { callableExports, inspectWasm } from '../base/wasm/inspect.ts'
import type { DebugSymbols } from '../debug-info.ts'
import type { Context, Source, WasmModule } from '../model.ts'
import { AssemblyScript } from './assemblyscript.ts'
import { C } from './c.ts'
import { refuseField } from './manifest.ts'
import { Ready } from './ready.ts'
import type { CoveredPlace } from './assemblyscript/coverage.ts'
import {
  type Compiled,
  type Purpose,
  type Toolchain,
  type ToolchainReport,
  formatDiagnostics,
} from './toolchain.ts'

export interface BuilderOptions {
  /** A clang to use; by default one is sought on the path. */
  clang?: string | undefined
  /** The PATH that compilers are sought on. */
  pathEnv: string
  /** Folder of templates, headers and library files. */
  mediaFolder: string
  /** The module that runs the AssemblyScript compiler in its thread. */
  workerUrl: URL
  /** See AssemblyScriptOptions. */
  packageFolders?: string[]
  log: Log
}

/** A module with lines. */
export interface DebugModule {
  bytes: Uint8Array
  exports: string[]
  /** Where they are not in the bytes themselves. */
  symbols?: DebugSymbols
}

export class Builder implements Service {
  readonly #toolchains: Toolchain[]
  readonly #log: Log

  constructor(options: BuilderOptions) {
    this.#log = options.log
    this.#toolchains = [new AssemblyScript(options), new C(options), new Ready()]
  }

  /** Warms compilers up in the background; `compile` works without it, only slower at first. */
  async start(): Promise<void> {
    for (const toolchain of this.#toolchains) await toolchain.start?.()
  }

  async stop(): Promise<void> {
    for (const toolchain of this.#toolchains) await toolchain.stop?.()
  }

  /**
   * The same source gives the same bytes, wherever its folder is. Throws LANGUAGE_UNKNOWN, TOOLCHAIN_MISSING,
   * BUILD_FAILED (as BuildError), WASM_INVALID, WASM_NO_EXPORTS, MANIFEST_INVALID or CANCELLED.
   */
  async compile(source: Source, context: Context = {}): Promise<WasmModule> {
    return this.#examine(source, await this.#find(source).compile(source, context))
  }

  /** As `compile`, for tests: it tells what of it has run. `undefined` where the language gives no such thing. */
  async compileCovered(
    source: Source,
    context: Context = {},
  ): Promise<{ module: WasmModule; places: CoveredPlace[] } | undefined> {
    const covered = await this.#find(source).compileCovered?.(source, context)
    return covered && { module: await this.#examine(source, covered), places: covered.places }
  }

  /** As `compile`, for a debugger: not optimised, with what tells lines and variables, and not to be published. */
  compileForDebugger(source: Source, context: Context = {}): Promise<DebugModule> {
    return this.#compileWithLines(source, 'debug', context)
  }

  /** As `compile`, with lines: whoever calls it sees whether the code is the same, which no compiler promises. */
  compileLines(source: Source, context: Context = {}): Promise<DebugModule> {
    return this.#compileWithLines(source, 'lines', context)
  }

  async #compileWithLines(source: Source, purpose: Purpose, context: Context): Promise<DebugModule> {
    const compiled = await this.#find(source).compile(source, context, purpose)
    const { bytes, exports } = await this.#examine(source, compiled)
    return { bytes, exports, ...(compiled.symbols && { symbols: compiled.symbols }) }
  }

  #find({ language, entry }: Source): Toolchain {
    const toolchain = this.#toolchains.find((each) => each.language === language)
    if (toolchain) return toolchain
    throw new WasmateError('LANGUAGE_UNKNOWN', `${language} (${entry})`)
  }

  async #examine(source: Source, { bytes, toolchain, warnings }: Compiled): Promise<WasmModule> {
    if (warnings.length > 0) this.#log.warn(`${source.name}: ${formatDiagnostics(warnings)}`)
    const exports = callableExports(inspectWasm(bytes))
    await checkExports(source, exports)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { bytes, sha256, exports, ...(toolchain !== undefined && { toolchain }) }
  }

  /** What can be compiled here, and what is missing for the rest; for `wasmate doctor`. */
  check(): Promise<ToolchainReport[]> {
    return Promise.all(this.#toolchains.map((toolchain) => toolchain.check()))
  }
}

async function checkExports({ folder, entry, defaultExport }: Source, exports: string[]): Promise<void> {
  if (exports.length === 0) throw new WasmateError('WASM_NO_EXPORTS', entry)
  if (defaultExport === undefined || exports.includes(defaultExport)) return
  const wrong = `exports: ${entry} has no callable ${JSON.stringify(defaultExport)}`
  throw await refuseField(folder, 'exports', `${wrong}; it has ${exports.join(', ')}`)
}
