// Stage 5: bytes under a CID are loaded, calls are invoked in worker threads that can be ended.

import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Service } from '../base/service.ts'
import type { Answer, Context, FunctionOptions, LogLine, ModuleCall } from '../model.ts'
import { Modules } from './modules.ts'
import { Pool, type PoolOptions } from './pool.ts'
import type { FunctionVars, Job } from './thread.ts'

export interface RunnerOptions extends PoolOptions {
  log: Log
}

/**
 * Calls of one function run one after another, and share its vars: those of a call that fails, traps or is ended
 * stay as they were before it. `timeoutMs` counts from when a thread takes the call, start-up code included.
 * `maxMemoryBytes` holds for the module's memory, and once more for the host's copies of input, output and blocks.
 */
export class Runner implements Service {
  readonly #log: Log
  readonly #pool: Pool
  readonly #modules = new Modules()
  readonly #vars = new Map<string, FunctionVars>()

  constructor({ log, ...options }: RunnerOptions) {
    this.#log = log
    this.#pool = new Pool(options)
  }

  async start(): Promise<void> {
    this.#pool.warm()
  }

  /** Calls that run or wait are rejected with CANCELLED. */
  stop(): Promise<void> {
    return this.#pool.stop()
  }

  has(cid: string): boolean {
    return this.#modules.has(cid)
  }

  /** Compiles, so that a call has nothing left to do but run. The bytes are kept: do not change them. */
  async load(
    cid: string,
    bytes: Uint8Array,
    { maxMemoryBytes }: Pick<FunctionOptions, 'timeoutMs' | 'maxMemoryBytes'>,
    { signal }: Context = {},
  ): Promise<void> {
    if (signal?.aborted) throw new WasmateError('CANCELLED')
    await this.#modules.load(cid, bytes, maxMemoryBytes)
  }

  unload(cid: string): void {
    this.#modules.unload(cid)
  }

  /** Names of callable exports; throws INTERNAL when the module is not loaded. */
  exportsOf(cid: string): string[] {
    const exports = this.#modules.exportsOf(cid)
    if (!exports) throw new WasmateError('INTERNAL', `${cid} is not loaded`)
    return exports
  }

  /** Throws EXPORT_NOT_FOUND, EXPORT_REQUIRED, CALL_FAILED, CALL_TRAPPED, CALL_TIMEOUT, MEMORY_LIMIT, CANCELLED. */
  async invoke(call: ModuleCall, { signal }: Context = {}): Promise<Answer> {
    const { cid, input, options } = call
    const name = chooseExport(this.exportsOf(cid), call)
    const { timeoutMs, maxMemoryBytes, config, allowedHosts } = options
    const module = await this.#modules.get(cid, maxMemoryBytes)
    const job: Job = {
      ...{ function: call.function, export: name, input, module, signal },
      ...{ timeoutMs, maxMemoryBytes, config, allowedHosts },
      instance: `${call.function} ${cid} ${maxMemoryBytes}`,
      vars: this.#varsOf(call.function),
    }
    const { result, logs, durationMs } = await this.#pool.run(job)
    this.#record(call.function, logs)
    if (!result.ok) throw new WasmateError(result.code, result.detail || undefined)
    return { output: result.output, cid, export: name, logs, durationMs }
  }

  #varsOf(name: string): FunctionVars {
    const known = this.#vars.get(name)
    if (known) return known
    const vars = { version: 0, values: new Map<string, Uint8Array>() }
    this.#vars.set(name, vars)
    return vars
  }

  #record(name: string, logs: LogLine[]): void {
    for (const { level, message } of logs) {
      this.#log[level === 'trace' ? 'debug' : level](`${name}: ${message}`)
    }
  }
}

function chooseExport(exports: string[], call: ModuleCall): string {
  const asked = call.export ?? call.defaultExport
  const found = asked === undefined ? exports : exports.filter((name) => name === asked)
  if (found.length > 1) throw new WasmateError('EXPORT_REQUIRED', exports.join(', '))
  const [chosen] = found
  if (chosen === undefined)
    throw new WasmateError('EXPORT_NOT_FOUND', `${asked}; it has ${exports.join(', ')}`)
  return chosen
}
