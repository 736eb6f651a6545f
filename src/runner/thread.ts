// One worker thread seen from outside: runs one batch at a time, and ends when a call outlasts its limit.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { WasmateError, describe, systemCode, toWasmateError } from '../base/errors.ts'
import { workerArguments } from '../base/worker.ts'
import { performRequest } from './http.ts'
import { Batches } from './queue/batches.ts'
import type { Job } from './job.ts'
import { type Entry, Ledger, now } from './ledger.ts'
import { Tape } from './replay/tape.ts'
import type {
  CallReply,
  HttpReply,
  HttpRequest,
  ThreadData,
  ThreadMessage,
  ThreadSettings,
} from './messages.ts'

export interface ThreadEvents {
  ready(): void
  /** The batch is over; these of it were not begun. */
  idle(unbegun: Job[]): void
  /** The call that runs takes long; these behind it were taken back and can be given to another thread. */
  returned(unbegun: Job[]): void
  /** Once, for whatever reason; nothing comes after it. `unbegun` can be given to another thread. */
  ended(error: WasmateError, unbegun: Job[]): void
}

interface Batch {
  jobs: Job[]
  /** How many have their answer, or are known to need none. */
  settled: number
}

/** What nobody waits for any more may still finish by itself, so that the thread can be kept. */
const abandonedMs = 250
/** A call that runs this long keeps nobody waiting behind it. */
const stalledMs = 10

export class Thread {
  readonly #worker: Worker
  readonly #events: ThreadEvents
  readonly #http: MessagePort
  readonly #ledger = new Ledger()
  readonly #tape = new Tape()
  readonly #wake = new SharedArrayBuffer(4)
  readonly #ending = new AbortController()
  readonly #batches = new Batches()
  #batch: Batch | undefined
  #isReady = false
  #startedAt = performance.now()
  #cause: WasmateError | undefined
  #exited: Promise<void>

  constructor(url: URL | string, events: ThreadEvents, settings: ThreadSettings = {}) {
    this.#events = events
    const { port1, port2 } = new MessageChannel()
    this.#http = port1
    const { buffer: ledger } = this.#ledger
    const data: ThreadData = {
      http: port2,
      wake: this.#wake,
      ledger,
      tape: this.#tape.buffer,
      ...settings,
    }
    this.#worker = new Worker(new URL(url), {
      workerData: data,
      transferList: [port2],
      execArgv: workerArguments(new URL(url)),
      // JavaScript's own memory: logs and the like. A module's memory has a limit of its own.
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message))
    this.#worker.on('error', (error) => (this.#cause ??= explainDeath(error)))
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#settleEnd(
          this.#cause ?? new WasmateError('INTERNAL', `a worker thread exited with code ${code}`),
        )
        resolve()
      })
    })
  }

  holds(instance: string): boolean {
    return this.#batches.holds(instance)
  }

  /** Milliseconds since it was asked for, while it is not there yet. */
  get startingMs(): number {
    return this.#isReady ? 0 : performance.now() - this.#startedAt
  }

  /** Each job is settled once; those that can't be begun here come back by `idle` or `ended`. */
  run(jobs: Job[]): void {
    this.#ledger.open()
    this.#batch = { jobs, settled: 0 }
    this.#worker.postMessage(...this.#batches.pack(jobs))
  }

  /**
   * To be called now and then: ends the thread when the call that runs is over its time, and takes back what waits
   * behind one that takes long.
   */
  sweep(): void {
    const [batch, running] = [this.#batch, this.#ledger.running()]
    const job = running && batch?.jobs[running.index]
    if (!job || this.#cause) return
    const ranMs = now() - running.since
    const isAbandoned = job.abandonedAt !== undefined && performance.now() - job.abandonedAt > abandonedMs
    const over = overTime(job, ranMs, isAbandoned)
    const next = running.index + 1
    if (!over && (ranMs < stalledMs || next >= batch.jobs.length)) return
    this.#ledger.askToStop(true)
    // It may have finished in this very moment; then the next call is none of ours to end.
    if (this.#ledger.running()?.index !== running.index) return this.#ledger.askToStop(false)
    if (over) return void this.end(over)
    this.#events.returned(batch.jobs.splice(next).filter(({ isSettled }) => !isSettled))
  }

  /** Nobody waits for the job any more. */
  withdraw(job: Job): void {
    const index = this.#batch?.jobs.indexOf(job) ?? -1
    if (index !== -1) this.#ledger.withdraw(index)
  }

  /** Ends it with whatever it does; the call that runs fails with `error`. Resolves when it is gone. */
  async end(error: WasmateError): Promise<void> {
    if (!this.#cause) {
      this.#cause = error
      this.#ending.abort()
      void this.#worker.terminate()
    }
    await this.#exited
  }

  #receive(message: ThreadMessage): void {
    if (message.kind === 'http') return void this.#answerRequest(message.request)
    if (message.kind === 'reply') return this.#settle(message.index, message.reply)
    if (message.kind !== 'ready') this.#readLedger()
    // One that is being ended takes no more work.
    if (this.#cause) return
    if (message.kind === 'done') this.#events.idle(this.#close())
    if (message.kind !== 'ready') return
    this.#isReady = true
    this.#events.ready()
  }

  #readLedger(): void {
    const batch = this.#batch
    if (!batch) return
    for (const entry of this.#ledger.take()) {
      const index = batch.settled++
      const reply = toReply(entry)
      if (reply) this.#settle(index, reply)
    }
  }

  #settle(index: number, reply: CallReply): void {
    const job = this.#batch?.jobs[index]
    if (!job) return
    if (job.vars && reply.result.ok && reply.result.changes) {
      this.#batches.saw(job, job.vars.apply(reply.result.changes))
    }
    job.settle(reply)
  }

  /** Gives what had not begun. */
  #close(): Job[] {
    const batch = this.#batch
    this.#batch = undefined
    return batch?.jobs.slice(batch.settled).filter((job) => !job.isSettled) ?? []
  }

  // Only here is it certain what had begun: until the thread is gone it may still finish.
  #settleEnd(error: WasmateError): void {
    this.#http.close()
    this.#ending.abort()
    this.#cause ??= error
    this.#readLedger()
    const running = this.#ledger.running()
    const cut = running && this.#batch?.jobs[running.index]
    if (cut) cut.settle(cut.record ? this.#tellOfCut(error, now() - running.since) : error)
    this.#events.ended(error, this.#close())
  }

  /** What a recorded call was told until it was ended is still there. */
  #tellOfCut({ code, detail = '' }: WasmateError, durationMs: number): CallReply {
    const tape = { bytes: this.#tape.read(), isFull: this.#tape.isFull, startMs: 0 }
    return { logs: [], durationMs, tape, result: { ok: false, code, detail } }
  }

  async #answerRequest(request: HttpRequest): Promise<void> {
    const reply = await performRequest(request, this.#ending.signal).then(
      (answer): HttpReply => ({ ok: true, answer }),
      (error: unknown): HttpReply => {
        const { code, detail = '' } = toWasmateError(error)
        return { ok: false, code, detail }
      },
    )
    this.#http.postMessage(reply)
    const flag = new Int32Array(this.#wake)
    Atomics.store(flag, 0, 1)
    Atomics.notify(flag, 0)
  }
}

/** Why the call that runs has to end, if it has to. */
function overTime(job: Job, ranMs: number, isAbandoned: boolean): WasmateError | undefined {
  if (isAbandoned) return new WasmateError('CANCELLED', 'nobody waits for its call any more')
  if (ranMs >= job.timeoutMs) return new WasmateError('CALL_TIMEOUT', `it ran for ${job.timeoutMs} ms`)
  return undefined
}

function toReply(entry: Entry): CallReply | undefined {
  // A posted one has come as a message, before the ledger was read or after; nobody waits for a withdrawn one.
  if (entry.kind === 'posted' || entry.kind === 'withdrawn') return undefined
  const { logs, durationMs, host } = entry
  if (entry.kind === 'answer') return { logs, durationMs, host, result: { ok: true, output: entry.output } }
  const { code, detail, frames } = entry
  return { logs, durationMs, host, result: { ok: false, code, detail, frames } }
}

function explainDeath(error: Error): WasmateError {
  if (systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new WasmateError('MEMORY_LIMIT', 'what the host keeps for it grew too large', { cause: error })
  }
  return new WasmateError('INTERNAL', `a worker thread ended: ${describe(error)}`, { cause: error })
}
