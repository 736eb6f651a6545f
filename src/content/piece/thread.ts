// A piece commitment computed beside the main thread: some seconds of hashing for each 100 MiB.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { WasmateError, describe } from '../../base/errors.ts'
import { workerArguments } from '../../base/worker.ts'
import type { Context } from '../../model.ts'
import type { Piece } from './commitment.ts'
import type { PieceReply, PieceRequest } from './worker.ts'

export interface PieceOptions extends Context {
  /** The module that runs in the thread; `.ts` is run by tsx. */
  workerUrl: URL
  /** Makes progress tell a fraction. */
  totalBytes?: number
}

/** One message takes longer than its hashing when it carries less. */
const messageBytes = 256 * 1024

/** Throws CANCELLED when the signal aborts; the thread is gone in any case. */
export async function computePiece(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: PieceOptions,
): Promise<Piece> {
  const thread = new PieceThread(options)
  try {
    for await (const chunk of source) await thread.write(chunk)
    return await thread.end()
  } finally {
    await thread.stop()
  }
}

/** For bytes that go elsewhere as well. `stop` is legal in every state. */
export class PieceThread {
  readonly #options: PieceOptions
  readonly #worker: Worker
  #chunks: Uint8Array[] = []
  #held = 0
  #done = 0
  /** What the thread was last told, so that it is told no more before it has heard that. */
  #asked: Promise<PieceReply> | undefined

  constructor(options: PieceOptions) {
    this.#options = options
    this.#worker = new Worker(options.workerUrl, { execArgv: workerArguments(options.workerUrl) })
    // Whoever asks is told; between two questions nobody listens.
    this.#worker.on('error', () => undefined)
  }

  /** The chunk may be used again as soon as this resolves. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; from += messageBytes) {
      // Own memory: it is given away to the thread.
      const part = Uint8Array.from(chunk.subarray(from, from + messageBytes))
      this.#chunks.push(part)
      this.#held += part.length
      if (this.#held >= messageBytes) await this.#flush()
    }
  }

  async end(): Promise<Piece> {
    await this.#flush()
    await this.#asked
    const reply = await this.#ask({ end: true })
    if (!('piece' in reply)) throw new WasmateError('INTERNAL', 'the piece thread answered out of turn')
    return reply.piece
  }

  async stop(): Promise<void> {
    this.#asked?.catch(() => undefined)
    await this.#worker.terminate()
  }

  /** Hands over what is held while the thread may still be at the message before. */
  async #flush(): Promise<void> {
    if (this.#held === 0) return
    const chunk = Uint8Array.from(Buffer.concat(this.#chunks))
    this.#chunks = []
    this.#held = 0
    await this.#asked
    this.#asked = this.#ask({ chunk }).then((reply) => this.#count(reply))
    this.#asked.catch(() => undefined)
  }

  async #ask(request: PieceRequest): Promise<PieceReply> {
    const { signal } = this.#options
    signal?.throwIfAborted()
    const over = new AbortController()
    const signals = signal ? AbortSignal.any([signal, over.signal]) : over.signal
    const answered = once(this.#worker, 'message', { signal: signals })
    const ended = once(this.#worker, 'exit', { signal: signals }).then(() => {
      throw new WasmateError('INTERNAL', 'the piece thread ended before it was done')
    })
    this.#worker.postMessage(request, 'chunk' in request ? [request.chunk.buffer as ArrayBuffer] : [])
    try {
      const [reply] = (await Promise.race([answered, ended])) as [PieceReply]
      return reply
    } catch (error) {
      if (signal?.aborted) throw new WasmateError('CANCELLED', undefined, { cause: error })
      if (error instanceof WasmateError) throw error
      throw new WasmateError('INTERNAL', `the piece thread failed (${describe(error)})`, { cause: error })
    } finally {
      over.abort()
      answered.catch(() => undefined)
      ended.catch(() => undefined)
    }
  }

  #count(reply: PieceReply): PieceReply {
    const { report, totalBytes } = this.#options
    if ('taken' in reply) this.#done += reply.taken
    const fraction = totalBytes ? { fraction: Math.min(1, this.#done / totalBytes) } : {}
    report?.({ doing: 'computing the piece CID', ...fraction })
    return reply
  }
}
