// A value that is read again and again, and given whenever it is another; a chain that is away is waited for.

import { isDeepStrictEqual } from 'node:util'
import { toWasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { orAborted, pause } from '../../base/pause.ts'

export interface WatchReadsOptions {
  signal: AbortSignal
  /** Longest time between two reads. */
  intervalMs: number
  log: Log
  /** Gives something whenever there is reason to read at once; never throws. */
  occasions?: (signal: AbortSignal) => AsyncIterable<unknown>
}

/**
 * The value as it is, then each that is not as the one before; ends with the signal, without an error. Until the
 * first value only CHAIN_NOT_READY is waited out and anything else thrown; after it, all that fails may pass.
 */
export async function* watchReads<T>(
  read: () => Promise<T>,
  { signal, intervalMs, log, occasions }: WatchReadsOptions,
): AsyncGenerator<T, void> {
  const bell = new Bell(signal)
  // Nobody waits for it at the end: a request that it has under way may hang for a minute.
  if (occasions) void bell.ringAt(occasions(bell.life))
  let given: { value: T } | undefined
  let complaint = ''
  try {
    while (!signal.aborted) {
      // Before the read: what happens meanwhile is reason for the next one.
      const rung = bell.arm()
      // One that hangs must not hold up the end.
      const outcome = await orAborted(read(), bell.life).catch(toWasmateError)
      if (signal.aborted) return
      if (!(outcome instanceof Error)) {
        complaint = ''
        const isNew = !given || !isDeepStrictEqual(outcome, given.value)
        given = { value: outcome }
        if (isNew) yield outcome
      } else {
        if (!given && outcome.code !== 'CHAIN_NOT_READY') throw outcome
        if (outcome.message !== complaint) log.warn(`a watch waits: ${outcome.message}`)
        complaint = outcome.message
      }
      await pause(intervalMs, rung)
    }
  } finally {
    bell.end()
  }
}

/** Ends a pause early: at an occasion, or when the watch ends. */
class Bell {
  readonly #signal: AbortSignal
  readonly #life = new AbortController()
  #pause = new AbortController()

  constructor(signal: AbortSignal) {
    this.#signal = signal
    this.life.addEventListener('abort', () => this.#pause.abort())
    signal.addEventListener('abort', this.end)
    if (signal.aborted) this.end()
  }

  get life(): AbortSignal {
    return this.#life.signal
  }

  arm(): AbortSignal {
    this.#pause = new AbortController()
    if (this.life.aborted) this.#pause.abort()
    return this.#pause.signal
  }

  async ringAt(occasions: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of occasions) this.#pause.abort()
  }

  readonly end = (): void => {
    this.#signal.removeEventListener('abort', this.end)
    this.#life.abort()
  }
}
