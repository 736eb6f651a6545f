// Stage 5: bytes under a CID are loaded, calls are invoked in worker threads that can be ended.

import { type ErrorCode, type StackFrame, WasmateError, type WasmateErrorOptions } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Service } from '../base/service.ts'
import type { LogLine } from '../host-trace.ts'
import type { Answer, Context, FunctionOptions, ModuleCall } from '../model.ts'
import { type AllowedPaths, checkFolders } from './guest/folders.ts'
import { type HostFunctions, loadHostFunctions } from './guest/host-functions.ts'
import { AllVars } from './function-vars.ts'
import { Job, type JobRequest } from './job.ts'
import type { CallReply } from './messages.ts'
import { Modules, unshift } from './modules.ts'
import { Pool, type PoolOptions, type PoolState } from './pool.ts'
import { toRecording } from './replay/recording.ts'
import { Replays, isReplay } from './replay/replays.ts'

export interface RunnerOptions extends PoolOptions {
  log: Log
  /** Whether an instance answers one call after another, or each call has a new one. */
  instances: 'reuse' | 'fresh'
}

/**
 * A call runs at most once, whatever becomes of its thread. Vars belong to the function: calls of a function that
 * has any run one after another, and those of a call that fails, traps or is ended stay as they were before it.
 * `timeoutMs` counts from when a thread begins the call, start-up code included. `maxMemoryBytes` holds for the
 * module's memory, and once more for the host's copies of input, output and blocks.
 */
export class Runner implements Service {
  readonly #log: Log
  readonly #pool: Pool
  readonly #modules: Modules
  readonly #fresh: boolean
  readonly #vars = new AllVars()
  readonly replays: Replays
  #functions: HostFunctions = {}
  readonly #hostFunctions: string | undefined
  readonly #allowedPaths: AllowedPaths

  constructor({ log, instances, ...options }: RunnerOptions) {
    this.#log = log
    this.#hostFunctions = options.hostFunctions
    this.#allowedPaths = options.allowedPaths ?? {}
    this.#fresh = instances === 'fresh'
    this.#pool = new Pool(options)
    this.replays = new Replays(this.#pool)
    const owns = (group: object | undefined, name: string): boolean => Object.hasOwn(group ?? {}, name)
    this.#modules = new Modules(
      (module, name) => owns(this.#functions, module) && owns(this.#functions[module], name),
    )
  }

  /** Throws CONFIG_INVALID when the host functions can't be loaded, or an allowed path is no folder. */
  async start(): Promise<void> {
    await checkFolders(this.#allowedPaths)
    if (this.#hostFunctions !== undefined) this.#functions = await loadHostFunctions(this.#hostFunctions)
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

  /** Of the module, as it was loaded; `undefined` when it is not, or was let go. */
  bytesOf(cid: string): Uint8Array | undefined {
    return this.#modules.bytesOf(cid)
  }

  /** The vars of a function, as its last call left them. */
  varsOf(name: string): ReadonlyMap<string, Uint8Array> {
    return this.#vars.of({ function: name, cid: '' }).values
  }

  /** Names of callable exports; throws INTERNAL when the module is not loaded. */
  exportsOf(cid: string): string[] {
    const exports = this.#modules.exportsOf(cid)
    if (!exports) throw new WasmateError('INTERNAL', `${cid} is not loaded`)
    return exports
  }

  /** What waits and runs, over how many threads; replays are no calls of a function. */
  get state(): PoolState {
    const { functions, ...state } = this.#pool.state
    return { ...state, functions: functions.filter(({ name }) => !isReplay(name)) }
  }

  /**
   * Throws EXPORT_NOT_FOUND, EXPORT_REQUIRED, CALL_FAILED, CALL_TRAPPED, CALL_TIMEOUT, MEMORY_LIMIT, QUEUE_FULL,
   * CANCELLED.
   */
  async invoke(call: ModuleCall, { signal }: Context = {}): Promise<Answer> {
    const { cid, options } = call
    const name = chooseExport(this.exportsOf(cid), call)
    const { module, usesVars, shift } =
      this.#modules.find(cid, options.maxMemoryBytes) ??
      (await this.#modules.get(cid, options.maxMemoryBytes))
    const { result, logs, durationMs, host, tape } = await this.#run(
      {
        ...{ function: call.function, cid, module, options, export: name, input: call.input },
        fresh: this.#fresh,
        vars: usesVars ? this.#vars.of(call) : undefined,
        ...{ trace: call.trace, record: call.record },
      },
      signal,
    )
    this.#record(call.function, logs)
    this.#pool.tookMs(call.function, durationMs)
    const told = { cid, export: name, logs, durationMs, host, ...(tape && { recording: toRecording(tape) }) }
    if (!result.ok) {
      const frames = unshift(result.frames, shift)
      throw new CallError(result.code, result.detail || undefined, { ...told, frames })
    }
    return { ...told, output: result.output }
  }

  #run(request: JobRequest, signal: AbortSignal | undefined): Promise<CallReply> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new WasmateError('CANCELLED'))
      const withdraw = (): void => this.#pool.withdraw(job)
      const job = new Job(request, (outcome) => {
        signal?.removeEventListener('abort', withdraw)
        if (outcome instanceof WasmateError) reject(outcome)
        else resolve(outcome)
      })
      signal?.addEventListener('abort', withdraw)
      this.#pool.submit(job)
    })
  }

  #record(name: string, logs: LogLine[]): void {
    for (const { level, message } of logs) {
      this.#log[level === 'trace' ? 'debug' : level](`${name}: ${message}`)
    }
  }
}

/** A call that gave no output. */
export interface BrokenCall extends Omit<Answer, 'output'> {
  /** Where it broke off: told on only once it is known who asks. */
  frames?: StackFrame[] | undefined
}

/** A call that began and gave no output; what it logged until then is told. */
export class CallError extends WasmateError {
  readonly call: BrokenCall

  constructor(
    code: ErrorCode,
    detail: string | undefined,
    call: BrokenCall,
    options: WasmateErrorOptions = {},
  ) {
    super(code, detail, options)
    this.call = call
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
