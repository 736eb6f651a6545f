// CID -> a compiled module with its memory held to a limit. Keeps the most recently used ones.

import { type StackFrame, WasmateError } from '../base/errors.ts'
import { SingleFlight } from '../base/single-flight.ts'
import { type WasmInfo, callableExports, readWasm } from '../base/wasm/inspect.ts'
import { extismImports, extismModule } from './guest/extism.ts'
import { wasiModule } from './guest/wasi.ts'
import { capMemory } from './limits.ts'

interface Entry {
  bytes: Uint8Array
  exports: string[]
  /** Whether it can read or write vars: then its calls take turns. */
  usesVars: boolean
  /** By limit in bytes: names that share a CID may differ in it. */
  compiled: Map<number, Compiled>
}

interface Compiled {
  module: WebAssembly.Module
  /** How many bytes its code lies further on than in the bytes under the CID. */
  shift: number
}

/** Ready to be instantiated. */
export interface CompiledModule extends Compiled {
  usesVars: boolean
}

const maxKeptBytes = 256 * 1024 * 1024
const maxKept = 1_000
const maxLimits = 4

export class Modules {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>()
  readonly #flights = new SingleFlight<Compiled>()
  readonly #provided: (module: string, name: string) => boolean
  readonly #rewrite: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>

  /** `isProvided` knows the functions of the embedder; what is compiled is what `rewrite` makes of the bytes. */
  constructor(
    isProvided: (module: string, name: string) => boolean = () => false,
    rewrite: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array> = (bytes) => bytes,
  ) {
    this.#provided = isProvided
    this.#rewrite = rewrite
  }

  has(cid: string): boolean {
    return this.#entries.has(cid)
  }

  /** Names of callable exports; undefined when the module is not loaded. */
  exportsOf(cid: string): string[] | undefined {
    return this.#entries.get(cid)?.exports
  }

  bytesOf(cid: string): Uint8Array | undefined {
    return this.#entries.get(cid)?.bytes
  }

  unload(cid: string): void {
    this.#entries.delete(cid)
  }

  /** Throws WASM_INVALID, WASM_NO_EXPORTS, WASM_IMPORT_UNKNOWN or MEMORY_LIMIT. */
  async load(cid: string, bytes: Uint8Array, maxMemoryBytes: number): Promise<void> {
    if (!this.#entries.get(cid)?.compiled.has(maxMemoryBytes)) {
      await this.#compile(cid, bytes, maxMemoryBytes)
    }
  }

  /** The module under this limit, when it is compiled under it. */
  find(cid: string, maxMemoryBytes: number): CompiledModule | undefined {
    const entry = this.#entries.get(cid)
    const compiled = entry?.compiled.get(maxMemoryBytes)
    if (!entry || !compiled) return undefined
    this.#keep(cid, entry)
    return { ...compiled, usesVars: entry.usesVars }
  }

  /** The module under this limit; another limit than it was loaded with compiles it again. */
  async get(cid: string, maxMemoryBytes: number): Promise<CompiledModule> {
    const entry = this.#entries.get(cid)
    if (!entry) throw new WasmateError('INTERNAL', `${cid} is invoked and not loaded`)
    const { usesVars, compiled } = entry
    const found = compiled.get(maxMemoryBytes) ?? (await this.#compile(cid, entry.bytes, maxMemoryBytes))
    return { ...found, usesVars }
  }

  #compile(cid: string, bytes: Uint8Array, maxMemoryBytes: number): Promise<Compiled> {
    return this.#flights.run(`${cid} ${maxMemoryBytes}`, async () => {
      const info = readWasm(bytes)
      checkImports(info, this.#provided)
      const exports = callableExports(info)
      if (exports.length === 0) throw new WasmateError('WASM_NO_EXPORTS', listExports(info))
      const capped = capMemory(await this.#rewrite(bytes), maxMemoryBytes)
      const compiled = { module: await compile(capped), shift: capped.length - bytes.length }
      const entry = this.#entries.get(cid) ?? {
        bytes,
        exports,
        usesVars: usesVars(info),
        compiled: new Map(),
      }
      if (entry.compiled.size === maxLimits) entry.compiled.clear()
      entry.compiled.set(maxMemoryBytes, compiled)
      this.#keep(cid, entry)
      this.#makeRoom()
      return compiled
    })
  }

  #keep(cid: string, entry: Entry): void {
    this.#entries.delete(cid)
    this.#entries.set(cid, entry)
  }

  #makeRoom(): void {
    let kept = 0
    for (const { bytes } of this.#entries.values()) kept += bytes.length
    for (const [cid, { bytes }] of this.#entries) {
      if (this.#entries.size === 1 || (kept <= maxKeptBytes && this.#entries.size <= maxKept)) return
      this.#entries.delete(cid)
      kept -= bytes.length
    }
  }
}

/** Places in a module as it was given, of those in the one that runs. */
export function unshift(frames: StackFrame[] | undefined, shift: number): StackFrame[] | undefined {
  return frames?.map((each) => ({ ...each, offset: each.offset - shift }))
}

function usesVars({ imports }: WasmInfo): boolean {
  return imports.some(({ module, name }) => module === extismModule && /^var_[gs]et$/.test(name))
}

async function compile(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const detail = error.message.replace(/^WebAssembly\.compile\(\): /, '')
    throw new WasmateError('WASM_INVALID', detail, { cause: error })
  }
}

function checkImports(
  { imports }: WasmInfo,
  isUserFunction: (module: string, name: string) => boolean,
): void {
  const unknown = imports.filter(({ module, name, kind }) => {
    const isProvided = module === wasiModule || (module === extismModule && extismImports.has(name))
    return kind !== 'function' || !(isProvided || isUserFunction(module, name))
  })
  if (unknown.length === 0) return
  const names = unknown.slice(0, 8).map(({ module, name, kind }) => `${kind} ${module} ${name}`)
  const more = unknown.length > names.length ? ` and ${unknown.length - names.length} more` : ''
  throw new WasmateError('WASM_IMPORT_UNKNOWN', names.join(', ') + more)
}

function listExports({ functionExports }: WasmInfo): string {
  if (functionExports.length === 0) return 'it exports no function'
  const shown = functionExports.map(({ name, params, results }) => {
    return `${name} (${params} parameters, returns ${results.join(' ') || 'nothing'})`
  })
  return `it exports ${shown.slice(0, 8).join(', ')}`
}
