// One place where parts of the emulator say that something has changed, and those who show it hear of it.

import type { Change } from '../client/messages.ts'

type Listener = (change: Change) => void

export class Changes {
  readonly #listeners = new Set<Listener>()

  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }

  /** Until the signal ends it. */
  listen(listener: Listener, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      this.#listeners.add(listener)
      signal.addEventListener('abort', () => {
        this.#listeners.delete(listener)
        resolve()
      })
    })
  }
}
