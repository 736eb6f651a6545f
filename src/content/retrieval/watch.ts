// How long somebody is waited for: each wait is for one good thing, and silence or a trickle ends the request.

/** The cause of giving somebody up who stayed silent or was far too slow. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError'
}

/** Slower than this within a block counts as silence, so that a drip does not hold a fetch for ever. */
const minBytesPerMs = 16

/** One request, from its start to the end of its body. Its signal is aborted by `end`, by silence, or from outside. */
export class Watch {
  readonly signal: AbortSignal
  readonly #ended = new AbortController()
  readonly #outer: AbortSignal[]
  readonly #silenceMs: number
  #sinceMs = 0
  #byteAtMs = 0
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #silent = false

  constructor(silenceMs: number, outer: AbortSignal[]) {
    this.signal = this.#ended.signal
    this.#silenceMs = silenceMs
    this.#outer = outer
    for (const signal of outer) signal.addEventListener('abort', this.end)
    if (outer.some(({ aborted }) => aborted)) this.end()
  }

  readonly end = (): void => {
    clearTimeout(this.#timer)
    for (const signal of this.#outer) signal.removeEventListener('abort', this.end)
    this.#ended.abort()
  }

  /**
   * What the work gives, or its failure, or the end of the request. Only meanwhile silence counts: who takes
   * blocks slowly does not make a gateway silent.
   */
  async wait<T>(work: Promise<T>): Promise<T> {
    const { signal } = this
    let stop = (): void => undefined
    const ended = new Promise<never>((_resolve, reject) => {
      stop = () => reject(new Error('the request was ended'))
      signal.addEventListener('abort', stop)
    })
    this.#sinceMs = this.#byteAtMs = performance.now()
    this.#bytes = 0
    if (signal.aborted) stop()
    else this.#look()
    try {
      return await Promise.race([work, ended])
    } finally {
      clearTimeout(this.#timer)
      signal.removeEventListener('abort', stop)
    }
  }

  received(bytes: number): void {
    this.#byteAtMs = performance.now()
    this.#bytes += bytes
  }

  /** The failure of a wait, or the silence that brought it about. */
  explain(cause: unknown): unknown {
    return this.#silent ? new SilenceError(`nothing good came for ${this.#silenceMs} ms`) : cause
  }

  #look(): void {
    const good = this.#sinceMs + this.#bytes / minBytesPerMs
    const leftMs = Math.min(good, this.#byteAtMs) + this.#silenceMs - performance.now()
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.#look(), leftMs)
    } else {
      this.#silent = true
      this.end()
    }
  }
}
