// What the pool decided and why, for people and metrics to see.

export interface Decision {
  /** `start` and `end` a thread, `refuse` a call. */
  kind: 'start' | 'end' | 'refuse'
  reason: string
  /** Threads there are after it. */
  workers: number
  /** Whom it was for. */
  function?: string
}

export class Decisions {
  readonly counts: Record<Decision['kind'], number> = { start: 0, end: 0, refuse: 0 }
  readonly #tell: ((decision: Decision) => void) | undefined

  constructor(tell?: (decision: Decision) => void) {
    this.#tell = tell
  }

  add(kind: Decision['kind'], reason: string, workers: number, name?: string): void {
    this.counts[kind]++
    this.#tell?.({ kind, reason, workers, ...(name !== undefined && { function: name }) })
  }
}
