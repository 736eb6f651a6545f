// One call on its way: settled exactly once, by its answer, by what went wrong, or by whoever takes it back.

import type { WasmateError } from '../base/errors.ts'
import type { FunctionOptions } from '../model.ts'
import type { FunctionVars } from './function-vars.ts'
import type { CallReply } from './messages.ts'
import type { Script } from '../recording.ts'

export interface JobRequest {
  function: string
  cid: string
  module: WebAssembly.Module
  export: string
  input: Uint8Array
  options: FunctionOptions
  /** A new instance for this call alone. */
  fresh: boolean
  /** Of a function that has any: its calls run one after another. */
  vars: FunctionVars | undefined
  trace?: boolean | undefined
  /** On an instance of its own, with what its host answers written down. */
  record?: boolean | undefined
  /** A replay: answered by this, and by no host. */
  script?: Script | undefined
}

export class Job implements JobRequest {
  readonly function: string
  readonly cid: string
  readonly module: WebAssembly.Module
  readonly export: string
  readonly input: Uint8Array
  readonly options: FunctionOptions
  readonly fresh: boolean
  readonly vars: FunctionVars | undefined
  readonly trace: boolean
  readonly record: boolean
  readonly script: Script | undefined
  readonly queuedAt = performance.now()
  /** Since when nobody waits for it. */
  abandonedAt: number | undefined
  #done: ((outcome: CallReply | WasmateError) => void) | undefined

  constructor(request: JobRequest, done: (outcome: CallReply | WasmateError) => void) {
    this.function = request.function
    this.cid = request.cid
    this.module = request.module
    this.export = request.export
    this.input = request.input
    this.options = request.options
    this.fresh = request.fresh
    this.vars = request.vars
    this.trace = request.trace ?? false
    this.record = request.record ?? false
    this.script = request.script
    this.#done = done
  }

  get timeoutMs(): number {
    return this.options.timeoutMs
  }

  get isSettled(): boolean {
    return this.#done === undefined
  }

  /** The first word counts. */
  settle(outcome: CallReply | WasmateError): void {
    const done = this.#done
    this.#done = undefined
    done?.(outcome)
  }
}

/** Calls with the same key can be run by the same instance, and so in one batch. */
export function instanceKey({ function: name, cid, options, fresh }: JobRequest): string {
  return `${name} ${cid} ${options.maxMemoryBytes} ${fresh ? 'fresh' : 'reuse'}`
}

export function canShareBatch(a: Job, b: Job): boolean {
  if (a.script || b.script) return false
  if (a.options === b.options) return a.cid === b.cid && a.fresh === b.fresh
  return instanceKey(a) === instanceKey(b) && JSON.stringify(a.options) === JSON.stringify(b.options)
}
