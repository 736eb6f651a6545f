// Recorded calls run once more: in the threads of the pool, under a time limit, with nothing of the outside.

import { type StackFrame, WasmateError } from '../../base/errors.ts'
import { meterModule } from '../../base/wasm/metering/meter.ts'
import type { LogLine } from '../../host-trace.ts'
import type { Context, FunctionOptions } from '../../model.ts'
import type { Divergence, Script } from '../../recording.ts'
import { Job } from '../job.ts'
import type { CallReply } from '../messages.ts'
import { Modules, unshift } from '../modules.ts'
import type { Pool } from '../pool.ts'

export interface ReplayCall {
  cid: string
  /** Of the module under that CID; they are kept: do not change them. */
  bytes: Uint8Array
  export: string
  input: Uint8Array
  options: FunctionOptions
  script: Script
  /** Run a copy of the module that counts its instructions. */
  metered: boolean
}

export interface ReplayOutcome {
  result:
    | { ok: true; output: Uint8Array }
    /** Frames: of the module that was given, where it was not metered. */
    | { ok: false; error: WasmateError; frames?: StackFrame[] | undefined }
  diverged?: Divergence
  logs: LogLine[]
  durationMs: number
  /** Instructions; absent unless it was metered. */
  fuel?: number
}

/** No function has a name with a space in it. */
const prefix = 'replay '

/** Of what is called in the pool. */
export function isReplay(name: string): boolean {
  return name.startsWith(prefix)
}

export class Replays {
  readonly #pool: Pick<Pool, 'submit' | 'withdraw'>
  /** Functions of an embedder are answered by the receipt: no module lacks one. */
  readonly #plain = new Modules(() => true)
  readonly #metered = new Modules(() => true, meterModule)
  #count = 0

  constructor(pool: Pick<Pool, 'submit' | 'withdraw'>) {
    this.#pool = pool
  }

  /** Throws WASM_INVALID, EXPORT_NOT_FOUND, FUEL_REFUSED, QUEUE_FULL or CANCELLED; what the call itself comes to is its result. */
  async run(call: ReplayCall, { signal }: Context = {}): Promise<ReplayOutcome> {
    const modules = call.metered ? this.#metered : this.#plain
    const { cid, options } = call
    await modules.load(cid, call.bytes, options.maxMemoryBytes)
    const { module, shift } = await modules.get(cid, options.maxMemoryBytes)
    const reply = await this.#run(module, call, signal)
    if (reply instanceof WasmateError) {
      if (reply.code === 'CANCELLED' || reply.code === 'QUEUE_FULL') throw reply
      return { result: { ok: false, error: reply }, logs: [], durationMs: options.timeoutMs }
    }
    const { result, logs, durationMs, replayed } = reply
    const { diverged, fuel } = replayed ?? {}
    const frames = result.ok || call.metered ? undefined : unshift(result.frames, shift)
    return {
      result: result.ok
        ? { ok: true, output: result.output }
        : { ok: false, error: new WasmateError(result.code, result.detail || undefined), frames },
      ...(diverged && { diverged }),
      ...(fuel !== undefined && { fuel: Number(fuel) }),
      ...{ logs, durationMs },
    }
  }

  #run(
    module: WebAssembly.Module,
    { cid, export: name, input, options, script }: ReplayCall,
    signal: AbortSignal | undefined,
  ): Promise<CallReply | WasmateError> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve(new WasmateError('CANCELLED'))
      const withdraw = (): void => this.#pool.withdraw(job)
      // A name of its own: replays wait for no call, and no call for them.
      const called = { function: `${prefix}${this.#count++}`, cid, module, export: name, input, options }
      const job = new Job({ ...called, fresh: true, vars: undefined, script }, (outcome) => {
        signal?.removeEventListener('abort', withdraw)
        resolve(outcome)
      })
      signal?.addEventListener('abort', withdraw)
      this.#pool.submit(job)
    })
  }
}
