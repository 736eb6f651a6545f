// One worker thread seen from outside: runs one job at a time, and ends when the job outlasts its limit.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { WasmateError, describe, systemCode, toWasmateError } from '../base/errors.ts'
import { workerArguments } from '../base/worker.ts'
import { applyChanges } from './guest/vars.ts'
import { performRequest } from './http.ts'
import type { CallReply, HttpReply, HttpRequest, ThreadData, ThreadMessage } from './messages.ts'

/** Vars of a function; the version counts their changes. */
export interface FunctionVars {
  version: number
  values: Map<string, Uint8Array>
}

export interface Job {
  /** Names the instance: the same function, module and limit. */
  instance: string
  /** Jobs of one function run one after another. */
  function: string
  module: WebAssembly.Module
  export: string
  input: Uint8Array
  config: Record<string, string>
  allowedHosts: string[]
  timeoutMs: number
  maxMemoryBytes: number
  vars: FunctionVars
  signal?: AbortSignal | undefined
}

export interface ThreadEvents {
  ready(): void
  /** Once, for whatever reason; nothing comes after it. */
  ended(error: WasmateError): void
}

interface Running {
  id: number
  job: Job
  settle(outcome: CallReply | WasmateError): void
}

const maxInstances = 8
const maxTimerMs = 2 ** 31 - 1

export class Thread {
  readonly #worker: Worker
  readonly #events: ThreadEvents
  readonly #http: MessagePort
  readonly #wake = new SharedArrayBuffer(4)
  readonly #ending = new AbortController()
  /** Instances over there, least recently used first, and the version of the vars that each has seen. */
  readonly #held = new Map<string, number>()
  #running: Running | undefined
  #lastId = 0
  #exited: Promise<unknown> | undefined

  constructor(url: URL | string, events: ThreadEvents) {
    this.#events = events
    const { port1, port2 } = new MessageChannel()
    this.#http = port1
    const data: ThreadData = { http: port2, wake: this.#wake }
    this.#worker = new Worker(new URL(url), {
      workerData: data,
      transferList: [port2],
      execArgv: workerArguments(new URL(url)),
      // JavaScript's own memory: logs and the like. A module's memory has a limit of its own.
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message))
    this.#worker.on('error', (error) => void this.end(explainDeath(error)))
    this.#worker.on('exit', (code) => {
      void this.end(new WasmateError('INTERNAL', `a worker thread exited with code ${code}`))
    })
  }

  holds(instance: string): boolean {
    return this.#held.has(instance)
  }

  /** Rejects with CALL_TIMEOUT or CANCELLED when it had to be ended; the thread is gone then. */
  run(job: Job): Promise<CallReply> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      const expire = (): void => void setImmediate(() => this.#expire(id, job.timeoutMs))
      const timer = setTimeout(expire, Math.min(job.timeoutMs, maxTimerMs))
      const abort = (): void => void this.end(new WasmateError('CANCELLED'))
      job.signal?.addEventListener('abort', abort)
      const settle = (outcome: CallReply | WasmateError): void => {
        clearTimeout(timer)
        job.signal?.removeEventListener('abort', abort)
        this.#running = undefined
        if (outcome instanceof WasmateError) reject(outcome)
        else resolve(outcome)
      }
      this.#running = { id, job, settle }
      this.#send(id, job)
    })
  }

  /** Ends it with whatever it does; what runs is rejected with `error`. Resolves when it is gone. */
  async end(error: WasmateError): Promise<void> {
    if (!this.#exited) {
      this.#exited = this.#worker.terminate()
      this.#http.close()
      this.#ending.abort()
      this.#running?.settle(error)
      this.#events.ended(error)
    }
    await this.#exited
  }

  #send(id: number, job: Job): void {
    const { instance, module, maxMemoryBytes, input, config, allowedHosts, vars } = job
    const seen = this.#held.get(instance)
    const drop = this.#hold(instance, vars.version)
    this.#worker.postMessage({
      ...{ id, instance, drop, export: job.export, input, config, allowedHosts },
      ...(seen === undefined && { create: { module, maxMemoryBytes } }),
      ...((seen ?? 0) !== vars.version && { vars: vars.values }),
    })
  }

  /** Gives the instances that make room. */
  #hold(instance: string, version: number): string[] {
    this.#held.delete(instance)
    const drop = [...this.#held.keys()].slice(0, Math.max(0, this.#held.size + 1 - maxInstances))
    for (const dropped of drop) this.#held.delete(dropped)
    this.#held.set(instance, version)
    return drop
  }

  #receive(message: ThreadMessage): void {
    if (this.#exited) return
    if (message.kind === 'ready') this.#events.ready()
    else if (message.kind === 'http') void this.#answerRequest(message.request)
    else if (this.#running?.id === message.id) this.#finish(this.#running, message)
  }

  #finish({ job, settle }: Running, reply: CallReply): void {
    if (reply.result.ok && reply.result.changes) {
      applyChanges(job.vars.values, reply.result.changes)
      this.#held.set(job.instance, ++job.vars.version)
    }
    settle(reply)
  }

  // It runs after the answers that had already come: a busy host is not the function's fault.
  #expire(id: number, timeoutMs: number): void {
    if (this.#running?.id !== id) return
    void this.end(new WasmateError('CALL_TIMEOUT', `it ran for ${timeoutMs} ms`))
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

function explainDeath(error: Error): WasmateError {
  if (systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new WasmateError('MEMORY_LIMIT', 'what the host keeps for it grew too large', { cause: error })
  }
  return new WasmateError('INTERNAL', `a worker thread ended: ${describe(error)}`, { cause: error })
}
