// One place where parts of the emulator say that something has changed, and those who show it hear of it.

import type { Change } from '../client/messages.ts'

type Listener = (change: Change) => void

/** How long nobody may listen: a window that is loaded again is away for a moment. */
const graceMs = 5_000
const firstMs = 60_000

export class Changes {
  readonly #listeners = new Set<Listener>()
  readonly #onDeserted: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  /** `onDeserted` is called when nobody has listened for a while; the first may take longer to come. */
  constructor(onDeserted?: () => void) {
    this.#onDeserted = onDeserted
    this.#wait(firstMs)
  }

  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }

  /** Until the signal ends it. */
  listen(listener: Listener, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      clearTimeout(this.#timer)
      this.#listeners.add(listener)
      signal.addEventListener('abort', () => {
        this.#listeners.delete(listener)
        if (this.#listeners.size === 0) this.#wait(graceMs)
        resolve()
      })
    })
  }

  #wait(ms: number): void {
    if (this.#onDeserted) this.#timer = setTimeout(this.#onDeserted, ms)
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}
