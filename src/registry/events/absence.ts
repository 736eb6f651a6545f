// A chain that does not answer: said once when it goes and once when it is back, and asked again ever less often. One
// that only keeps its answer back shows in the progress meanwhile.

import { describe } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { pause } from '../../base/pause.ts'
import type { Context } from '../../model.ts'

const firstRetryMs = 500
const longestRetryMs = 4_000
/** An answer that takes longer is being waited for: a request is given up only after a minute. */
const slowMs = 2_000

interface AbsenceOptions extends Context {
  rpcUrl: string
  signal: AbortSignal
  log: Log
}

export class Absence {
  readonly #options: AbsenceOptions
  #since: number | undefined
  #retryMs = firstRetryMs

  constructor(options: AbsenceOptions) {
    this.#options = options
  }

  /** What the question gives; `onSlow` is told when that takes longer than a moment. */
  async during<T>(question: Promise<T>, onSlow: () => void): Promise<T> {
    const timer = setTimeout(() => {
      onSlow()
      this.#tell()
    }, slowMs)
    try {
      return await question
    } finally {
      clearTimeout(timer)
    }
  }

  /** Resolves when it is time to ask again. */
  async wait(error: unknown): Promise<void> {
    const { log, signal } = this.#options
    if (this.#since === undefined) log.warn(`events wait for the chain: ${describe(error)}`)
    this.#since ??= performance.now()
    this.#tell()
    await pause(this.#retryMs, signal)
    this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs)
  }

  end(): void {
    if (this.#since === undefined) return
    const seconds = Math.round((performance.now() - this.#since) / 1_000)
    this.#options.log.info(`the chain answers again after ${seconds} s; what was missed has been read`)
    this.#since = undefined
    this.#retryMs = firstRetryMs
  }

  #tell(): void {
    const { report, rpcUrl } = this.#options
    report?.({ doing: `waiting for the chain, which does not answer at ${rpcUrl}` })
  }
}
