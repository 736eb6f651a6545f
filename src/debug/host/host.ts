// The process that runs the call: one thread with the function in it, and V8's inspector on that thread. Nothing
// listens on a port; it ends with whoever started it, also while the thread stands still.

import { Session } from 'node:inspector'
import { MessageChannel, Worker } from 'node:worker_threads'
import { toProblem, toWasmateError } from '../../base/errors.ts'
import { workerArguments } from '../../base/worker.ts'
import { performRequest } from '../../runner/http.ts'
import type { HttpReply, HttpRequest } from '../../runner/messages.ts'
import type { DebuggeeData, DebuggeeMessage, ToDebuggee } from '../../runner/debuggee-messages.ts'
import type { FromHost, Inspected, ToHost } from './messages.ts'

interface Answer {
  result?: unknown
  error?: { message: string }
}

/** V8's inspector of one thread, through that of the main one (the domain NodeWorker of Node). */
class ThreadInspector {
  readonly #session = new Session()
  #attached: Promise<string> | undefined
  #sessionId = ''
  #asked = 0
  readonly #waiting = new Map<number, (answer: Answer) => void>()

  constructor(onEvent: (event: Inspected) => void) {
    this.#session.connect()
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      if (params.sessionId !== this.#sessionId) return
      const message = JSON.parse(params.message) as Inspected & { id?: number }
      if (message.id === undefined) return onEvent(message)
      this.#waiting.get(message.id)?.(message as Answer)
      this.#waiting.delete(message.id)
    })
  }

  /** Of the thread that will run this module: Node has threads of its own. To be called before there is one. */
  watch(url: URL): Promise<void> {
    this.#attached = new Promise((resolve) => {
      this.#session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
        if (workerInfo.url !== url.href) return
        this.#sessionId = sessionId
        resolve(sessionId)
      })
    })
    return new Promise((resolve, reject) => {
      this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) =>
        error ? reject(error) : resolve(),
      )
    })
  }

  async ask(method: string, params: Record<string, unknown>): Promise<unknown> {
    const sessionId = (await this.#attached) ?? ''
    const id = ++this.#asked
    const message = JSON.stringify({ id, method, params })
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(error.message)) : resolve(result),
      )
      this.#session.post('NodeWorker.sendMessageToWorker', { message, sessionId }, (error) => {
        if (error) reject(error)
      })
    })
  }
}

const inspector = new ThreadInspector((event) => tell({ kind: 'event', ...event }))
let worker: Worker | undefined

process.on('message', (message: ToHost) => {
  if (message.kind === 'load') void load(message).catch(fail)
  else if (message.kind === 'run') go(message)
  else void ask(message)
})

// A thread that stands still can't be ended, and would keep the process: it goes at once, as a whole.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

function go(message: ToDebuggee): void {
  worker?.postMessage(message)
}

function tell(message: FromHost): void {
  if (process.connected) process.send?.(message)
}

function fail(error: unknown): void {
  tell({ kind: 'failed', problem: toProblem(error) })
}

async function ask({ id, method, params }: Extract<ToHost, { kind: 'ask' }>): Promise<void> {
  try {
    tell({ kind: 'answer', id, result: await inspector.ask(method, params) })
  } catch (error) {
    tell({ kind: 'answer', id, error: error instanceof Error ? error.message : String(error) })
  }
}

async function load({
  debuggee,
  module: { bytes, settings },
}: Extract<ToHost, { kind: 'load' }>): Promise<void> {
  const url = new URL(debuggee)
  await inspector.watch(url)
  const { port1, port2 } = new MessageChannel()
  const wake = new SharedArrayBuffer(4)
  const workerData: DebuggeeData = { http: port2, wake, bytes, ...settings }
  worker = new Worker(url, { workerData, transferList: [port2], execArgv: workerArguments(url) })
  worker.on('error', fail)
  worker.on('message', (message: DebuggeeMessage) => {
    if (message.kind === 'ready') return void listen().catch(fail)
    if (message.kind !== 'http') return tell(message)
    void perform(message.request).then((reply) => {
      port1.postMessage(reply)
      Atomics.store(new Int32Array(wake), 0, 1)
      Atomics.notify(new Int32Array(wake), 0)
    })
  })
}

/** V8 tells of a module when it is compiled, and not again. */
async function listen(): Promise<void> {
  await inspector.ask('Debugger.enable', {})
  go({ kind: 'compile' })
}

async function perform(request: HttpRequest): Promise<HttpReply> {
  try {
    return { ok: true, answer: await performRequest(request, new AbortController().signal) }
  } catch (error) {
    const { code, detail = '' } = toWasmateError(error)
    return { ok: false, code, detail }
  }
}
