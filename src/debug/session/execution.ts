// One execution of the call: the process that runs it, the module in there, and where it stops.

import type { DebugProtocol } from '@vscode/debugprotocol'
import type { WasmateError } from '../../base/errors.ts'
import type { CallReply } from '../../runner/messages.ts'
import type { HostProcess } from '../host/process.ts'
import { Running, type RunningListener, type RunningOptions } from './running.ts'
import type { DebugTarget } from './target.ts'

/** Told how it goes. */
export interface ExecutionListener extends RunningListener {
  done(reply: CallReply): void
  /** Once, when its process is gone; with what that died of, if nobody had ended it. */
  ended(error: WasmateError | undefined): void
}

export class Execution {
  readonly #options: RunningOptions
  readonly #host: HostProcess
  #loaded: { running: Running; call: DebugTarget['call'] } | undefined
  #listener: ExecutionListener | undefined

  constructor(host: HostProcess, options: RunningOptions) {
    this.#options = options
    this.#host = host
    host.listen({
      inspected: (event) => this.#loaded?.running.inspected(event),
      done: (reply) => this.#listener?.done(reply),
      ended: (error) => this.#listener?.ended(error),
    })
  }

  /** One at a time; `undefined` for nobody. */
  listen(listener: ExecutionListener | undefined): void {
    this.#listener = listener
  }

  get pid(): number | undefined {
    return this.#host.pid
  }

  /** Compiles the module, and calls nothing yet. Throws what the module is refused with. */
  async load(target: DebugTarget): Promise<void> {
    const script = await this.#host.load(target.module)
    const running = await Running.open(this.#host, script, target, this.#options, {
      stopped: (stop) => this.#listener?.stopped(stop),
      output: (text, category) => this.#listener?.output(text, category),
    })
    this.#loaded = { running, call: target.call }
  }

  /** What an editor asks of a module that is there. */
  async handle(request: DebugProtocol.Request): Promise<object | undefined> {
    if (!this.#loaded) throw new Error('the call has not begun')
    const { running, call } = this.#loaded
    if (request.command !== 'configurationDone') return running.handle(request)
    this.#host.run(call)
    return undefined
  }

  /** Resolves when it is gone, wherever it was. */
  async end(): Promise<void> {
    await this.#host.end()
  }
}
