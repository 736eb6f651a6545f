// A value that changes often, in one file: one write at a time, and all that changed while one runs goes into the next.

import { pause } from '../pause.ts'
import { writeState } from './state-file.ts'

/** A large value is not put into text so often that little else gets done. */
const restsPerText = 5

export class StateWriter {
  readonly #path: string
  readonly #read: () => unknown
  #writing: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined
  #rest = new AbortController()
  #restUntil = 0

  /** `read` gives the value as it is when it is written. */
  constructor(path: string, read: () => unknown) {
    this.#path = path
    this.#read = read
  }

  /** Resolves when the value as it is now, or a later one, is written. A write that failed spoils no later one. */
  save(): Promise<void> {
    this.#queued ??= this.#writing.catch(() => undefined).then(() => this.#write())
    this.#writing = this.#queued
    return this.#queued
  }

  /** Resolves when what was saved is written, without a rest. */
  flush(): Promise<void> {
    this.#rest.abort()
    return this.#writing
  }

  async #write(): Promise<void> {
    const restMs = this.#restUntil - performance.now()
    if (restMs > 1) await pause(restMs, this.#rest.signal)
    this.#rest = new AbortController()
    this.#queued = undefined
    const from = performance.now()
    const writing = writeState(this.#path, this.#read())
    // The text is made before the file is opened.
    this.#restUntil = performance.now() + restsPerText * (performance.now() - from)
    await writing
  }
}
