// One instance of a module with its kernel: export and input in, output or an error of the table out.

import { WasmateError } from '../../base/errors.ts'
import { commandExport } from '../../base/wasm/inspect.ts'
import { fuelExport } from '../../base/wasm/metering/meter.ts'
import { Descriptors } from './descriptors.ts'
import { type Host, createExtismImports, extismModule } from './extism.ts'
import { createUserImports } from './host-functions.ts'
import { Kernel } from './kernel.ts'
import { watchImports } from './calls/tellers.ts'
import { explainTrap } from './traps.ts'
import { GuestExit, createWasiImports, wasiModule } from './wasi.ts'

type GuestFunction = (...numbers: number[]) => unknown

export class Plugin {
  readonly #host: Host
  readonly #kernel: Kernel
  readonly #descriptors: Descriptors | undefined
  #exports: WebAssembly.Exports = {}
  #isUsable = true
  #countedBefore = 0n

  /** Instantiates and runs start-up code, for `called` to be called first; throws as `call` does, and WASM_IMPORT_UNKNOWN. */
  constructor(module: WebAssembly.Module, kernel: WebAssembly.Module, host: Host, called?: string) {
    this.#host = host
    this.#kernel = new Kernel(kernel, host.maxMemoryBytes)
    if (host.folders.length > 0) this.#descriptors = new Descriptors(host.folders)
    const memory = (): WebAssembly.Memory => this.#requireMemory()
    const named = WebAssembly.Module.imports(module)
    const names = named.filter((entry) => entry.module === wasiModule).map((entry) => entry.name)
    const all = {
      ...createUserImports(host.functions, this.#kernel),
      [extismModule]: createExtismImports(this.#kernel, host),
      [wasiModule]: createWasiImports(names, memory, host, this.#descriptors),
    }
    const provided = watchImports(all, named, { calls: host.calls, kernel: this.#kernel, memory })
    try {
      this.#run(() => {
        this.#exports = new WebAssembly.Instance(module, provided).exports
      })
      // Of a command the start is the call.
      if (called !== commandExport) this.#start()
    } catch (error) {
      this.close()
      throw error
    }
    this.#isUsable = true
  }

  /** Closes the files it has left open; it is not called again. */
  close(): void {
    this.#isUsable = false
    this.#descriptors?.closeAll()
  }

  /** False once a call was cut off half-way: what is in memory then is anyone's guess. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /** Instructions of the last call, of a module that counts them; start-up code is none of it. */
  get fuel(): bigint | undefined {
    const count = this.#counted()
    return count === undefined ? undefined : count - this.#countedBefore
  }

  #counted(): bigint | undefined {
    const counter = this.#exports[fuelExport]
    return counter instanceof WebAssembly.Global ? (counter.value as bigint) : undefined
  }

  /** What it has left with error_set up to now. */
  get said(): string | undefined {
    return this.#kernel.error()
  }

  /** Throws CALL_FAILED, CALL_TRAPPED, MEMORY_LIMIT, or what a host function refused with. */
  call(name: string, input: Uint8Array): Uint8Array {
    const called = this.#find(name)
    if (!called) throw new WasmateError('EXPORT_NOT_FOUND', name)
    this.#kernel.begin(input)
    this.#countedBefore = this.#counted() ?? 0n
    const code = this.#run(called)
    // Its memory is that of a program that has ended.
    if (name === commandExport) this.#isUsable = false
    const error = this.#kernel.error()
    if (error !== undefined) throw new WasmateError('CALL_FAILED', error)
    if (typeof code === 'number' && code !== 0) throw new WasmateError('CALL_FAILED', `it returned ${code}`)
    return this.#kernel.output()
  }

  // A reactor's start-up code, or a command's, or the constructors alone; a Haskell runtime's comes after it.
  #start(): void {
    const haskell = this.#find('hs_init')
    const names = haskell ? ['_initialize'] : ['_initialize', '_start', '__wasm_call_ctors']
    const first = names.map((name) => this.#find(name)).find((found) => found !== undefined)
    if (first) this.#run(first)
    if (haskell) this.#run(() => haskell(0, 0))
  }

  #find(name: string): GuestFunction | undefined {
    const found = this.#exports[name]
    return typeof found === 'function' ? (found as GuestFunction) : undefined
  }

  /** Leaving with proc_exit(0) is a way of returning, after which nobody calls again. */
  #run(work: () => unknown): unknown {
    try {
      return work()
    } catch (error) {
      this.#isUsable = false
      if (error instanceof GuestExit && error.code === 0) return 0
      const { maxMemoryBytes, logs } = this.#host
      throw explainTrap(error, { kernel: this.#kernel, memory: this.#findMemory(), maxMemoryBytes, logs })
    }
  }

  #findMemory(): WebAssembly.Memory | undefined {
    const memory = this.#exports['memory']
    return memory instanceof WebAssembly.Memory ? memory : undefined
  }

  #requireMemory(): WebAssembly.Memory {
    const memory = this.#findMemory()
    if (!memory)
      throw new WasmateError('CALL_TRAPPED', 'it calls WASI before or without exporting its memory')
    return memory
  }
}
