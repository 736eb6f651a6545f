// A chain that does not answer: said once when it goes and once when it is back, and asked again ever less often.

import { describe } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { pause } from '../../base/pause.ts'
import type { Context } from '../../model.ts'

const firstRetryMs = 500
const longestRetryMs = 4_000

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

  /** Resolves when it is time to ask again. */
  async wait(error: unknown): Promise<void> {
    const { log, report, rpcUrl, signal } = this.#options
    if (this.#since === undefined) log.warn(`events wait for the chain: ${describe(error)}`)
    this.#since ??= performance.now()
    report?.({ doing: `waiting for the chain, which does not answer at ${rpcUrl}` })
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
}
