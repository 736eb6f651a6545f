// Which calls leave a receipt when not all can: all while there are few, and of many so many that the rest is not held up.

export interface SamplerOptions {
  /** Most a second. */
  maxPerSecond: number
  /** Milliseconds of a steady clock. */
  now(): number
}

/** Of the time of one thread. */
const share = 0.02
/** What has been saved up: after a quiet while, the first calls are all kept. */
const mostSavedMs = 250

export class Sampler {
  readonly #options: SamplerOptions
  #savedMs = mostSavedMs
  #at: number
  #second = 0
  #taken = 0

  constructor(options: SamplerOptions) {
    this.#options = options
    this.#at = options.now()
  }

  /** Whether this one is taken. */
  take(): boolean {
    const now = this.#options.now()
    this.#savedMs = Math.min(mostSavedMs, this.#savedMs + (now - this.#at) * share)
    this.#at = now
    const second = Math.floor(now / 1000)
    if (second !== this.#second) [this.#second, this.#taken] = [second, 0]
    if (this.#taken >= this.#options.maxPerSecond || this.#savedMs <= 0) return false
    this.#taken++
    return true
  }

  /** What one that was taken has cost. */
  spent(durationMs: number): void {
    this.#savedMs -= durationMs
  }
}
