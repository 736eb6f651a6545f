// One request to a pinning service and its answer, whatever the other side does: a limit on bytes and on silence, no
// redirect followed, and the token in no error.

import { WasmateError, describe, toWasmateError } from '../../base/errors.ts'

export interface Asked {
  method: 'GET' | 'POST' | 'DELETE'
  url: string
  token: string
  /** JSON text, or bytes that are made while they are sent. */
  body?: string | AsyncIterable<Uint8Array>
  /** Media type of the body. */
  type?: string
}

export interface ExchangeLimits {
  /** How long the service may let nothing pass in either direction. */
  silenceMs: number
  /** Largest answer. */
  maxBytes: number
  signal?: AbortSignal | undefined
}

export interface Answered {
  status: number
  text: string
  headers: Headers
}

/** Throws PINNING_UNREACHABLE, PINNING_ANSWER_INVALID for an answer that is too large, what `body` throws, or CANCELLED. */
export async function exchange(asked: Asked, limits: ExchangeLimits): Promise<Answered> {
  const watch = new Watch(limits)
  const own: Own = {}
  try {
    return await watch.orEnd(send(asked, limits, watch, own))
  } catch (error) {
    if (limits.signal?.aborted) throw new WasmateError('CANCELLED', asked.url, { cause: error })
    if (own.failure !== undefined) throw toWasmateError(own.failure)
    if (error instanceof WasmateError) throw error
    throw new WasmateError('PINNING_UNREACHABLE', `${asked.url} (${describe(error)})`, { cause: error })
  } finally {
    watch.end()
    own.release?.()
  }
}

/** What concerns the body that is sent: why it broke, and how its source is let go. */
interface Own {
  failure?: unknown
  release?: () => void
}

async function send(
  { method, url, token, body, type = 'application/json' }: Asked,
  { maxBytes }: ExchangeLimits,
  watch: Watch,
  own: Own,
): Promise<Answered> {
  const init: RequestInit & { duplex: 'half' } = {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : sending(body, watch, own) }),
    // A redirect would take the token to a host that nobody named.
    redirect: 'manual',
    signal: watch.signal,
    duplex: 'half',
  }
  const response = await fetch(url, init)
  watch.touch()
  const text = await readText(response, maxBytes, watch)
  return { status: response.status, headers: response.headers, text: withoutToken(text, token) }
}

function sending(body: AsyncIterable<Uint8Array>, watch: Watch, own: Own): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  // Nobody waits for it: a source that hangs does not come to its end.
  own.release = () => void iterator.return?.()?.catch(() => undefined)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await iterator.next()
        watch.touch()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      } catch (failure) {
        own.failure = failure
        controller.error(failure)
      }
    },
    cancel: own.release,
  })
}

async function readText(response: Response, maxBytes: number, watch: Watch): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return Buffer.concat(chunks).toString('utf8')
      watch.touch()
      chunks.push(value)
      length += value.length
      if (length > maxBytes) {
        throw new WasmateError('PINNING_ANSWER_INVALID', `${response.url} sends more than ${maxBytes} bytes`)
      }
    }
  } finally {
    // The same for a stream that has ended or failed: there is nothing left to cancel then.
    void reader.cancel().catch(() => undefined)
  }
}

/** A service may say what it was sent; that must not get into a message, a log or a screen. */
function withoutToken(text: string, token: string): string {
  return token.length >= 8 ? text.replaceAll(token, '[token]') : text
}

/** Ends an exchange in which nothing happens, or that nobody wants any more. */
class Watch {
  readonly signal: AbortSignal
  readonly #ended = new AbortController()
  readonly #silenceMs: number
  readonly #outer: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ silenceMs, signal }: ExchangeLimits) {
    this.signal = this.#ended.signal
    this.#silenceMs = silenceMs
    this.#outer = signal
    signal?.addEventListener('abort', this.end, { once: true })
    if (signal?.aborted) this.end()
    else this.touch()
  }

  touch(): void {
    if (this.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#ended.abort(new Error(`nothing came for ${this.#silenceMs} ms`))
    }, this.#silenceMs)
  }

  readonly end = (): void => {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.end)
    this.#ended.abort()
  }

  /** Node's fetch holds its signal weakly and may not hear an abort: waiting ends here by itself. */
  async orEnd<T>(work: Promise<T>): Promise<T> {
    const { signal } = this
    let stop = (): void => undefined
    const ended = new Promise<never>((_resolve, reject) => {
      stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('the request was ended'))
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
    work.catch(() => undefined)
    try {
      return await Promise.race([work, ended])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}
