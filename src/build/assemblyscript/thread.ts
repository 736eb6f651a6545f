// The compiler's thread, kept warm: requests take turns, one that must end takes the thread with it, and the
// next gets a new one.

import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { WasmateError, describe, systemCode } from '../../base/errors.ts'
import { workerArguments } from '../../base/worker.ts'
import type { CompileRequest, CompileResult } from './program.ts'
import type { WorkerReply } from '../assemblyscript-worker.ts'
import { BuildError } from '../toolchain.ts'

/** How long a cancelled compilation may go on before the thread, and its warmth, is given up for it. */
const graceMs = 250
const maxHeapMegabytes = 1024
/** V8 makes code fast that has run often: after one round a compilation takes 90 ms, after twenty 25 ms. */
const warmUpRounds = 16
const warmUpPauseMs = 100

export class CompilerThread {
  readonly #url: URL
  readonly #timeoutMs: number
  #warmUp: CompileRequest | undefined
  #worker: Worker | undefined
  /** Settles when the thread is free. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Aborted by a stop, and then replaced: what was asked before it is cancelled. */
  #life = new AbortController()

  constructor(url: URL, timeoutMs: number) {
    this.#url = url
    this.#timeoutMs = timeoutMs
  }

  /** Compiles this now and then in the background, and again whenever a thread had to be ended. */
  warmUpWith(request: CompileRequest): void {
    this.#warmUp = request
    // What goes wrong here goes wrong again, and is told, at the first real compilation.
    this.#warm(request).catch(() => undefined)
  }

  async #warm(request: CompileRequest): Promise<void> {
    for (let round = 0; round < warmUpRounds && this.#warmUp === request; round++) {
      // For a debugger now and then: that takes other ways through the compiler.
      await this.run({ ...request, debug: round % 4 === 2 })
      await delay(warmUpPauseMs, undefined, { ref: false })
    }
  }

  /** Ends the thread; requests that wait or run get CANCELLED. A later request starts a new one. */
  async stop(): Promise<void> {
    this.#warmUp = undefined
    this.#life.abort()
    this.#life = new AbortController()
    await this.#worker?.terminate()
    await this.#turn
  }

  /** Throws CANCELLED as soon as the signal says so; BUILD_FAILED when the compiler breaks or takes too long. */
  run(request: CompileRequest, signal?: AbortSignal): Promise<CompileResult> {
    const life = this.#life.signal
    const result = this.#turn.then(() => this.#compile(request, life, signal))
    this.#turn = result.catch(() => undefined)
    return orCancelled(result, signal)
  }

  async #compile(
    request: CompileRequest,
    life: AbortSignal,
    signal: AbortSignal | undefined,
  ): Promise<CompileResult> {
    for (const each of [life, signal]) if (each?.aborted) throw cancelled(each)
    const worker = (this.#worker ??= this.#spawn())
    const limit = this.#endAfter(worker, this.#timeoutMs)
    let grace: NodeJS.Timeout | undefined
    const giveUp = (): void => void (grace = this.#endAfter(worker, graceMs))
    signal?.addEventListener('abort', giveUp, { once: true })
    // At work the thread keeps the process alive, idle it does not.
    worker.ref()
    try {
      const result = await this.#ask(worker, request)
      if (result) return result
      if (life.aborted) throw cancelled(life)
      throw new BuildError([], `it took longer than ${this.#timeoutMs} ms`)
    } finally {
      worker.unref()
      clearTimeout(limit)
      clearTimeout(grace)
      signal?.removeEventListener('abort', giveUp)
    }
  }

  /** `undefined` when the thread was ended before it could answer. */
  async #ask(worker: Worker, request: CompileRequest): Promise<CompileResult | undefined> {
    const reply = nextReply(worker)
    worker.postMessage(request)
    const answer = await reply
    if (answer instanceof Error) throw explainDeath(answer)
    if (!answer || 'result' in answer) return answer?.result
    // A compiler that broke in the middle is in no state to go on.
    await worker.terminate()
    throw new BuildError([], `the AssemblyScript compiler broke: ${answer.failed}`)
  }

  #endAfter(worker: Worker, afterMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      void worker.terminate()
      if (this.#warmUp) this.warmUpWith(this.#warmUp)
    }, afterMs)
  }

  #spawn(): Worker {
    const execArgv = workerArguments(this.#url)
    const worker = new Worker(this.#url, {
      execArgv,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
    })
    // Whoever waits for a reply tells it; without a listener it would end the process.
    worker.on('error', () => undefined)
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}

/** An Error when the thread died of it, `undefined` when it was ended. */
function nextReply(worker: Worker): Promise<WorkerReply | Error | undefined> {
  return new Promise((resolve) => {
    let died: Error | undefined
    const fail = (error: Error): void => void (died = error)
    const end = (): void => settle(died)
    const settle = (reply: WorkerReply | Error | undefined): void => {
      worker.off('message', settle).off('error', fail).off('exit', end)
      resolve(reply)
    }
    worker.on('message', settle).on('error', fail).on('exit', end)
  })
}

function explainDeath(error: Error): WasmateError {
  if (systemCode(error) !== 'ERR_WORKER_OUT_OF_MEMORY') {
    return new WasmateError('INTERNAL', `the compiler's thread ended: ${describe(error)}`, { cause: error })
  }
  return new BuildError([], `it takes more than ${maxHeapMegabytes} MB to compile`, { cause: error })
}

function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(cancelled(signal))
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel))
  })
}

function cancelled(signal: AbortSignal): WasmateError {
  return new WasmateError('CANCELLED', undefined, { cause: signal.reason })
}
