// What the pool decided and why, for people and metrics to see.

/** Why: a fixed set for each kind, so that metrics can count by it. */
export const causes = {
  start: ['ahead', 'no_thread', 'wait', 'replace'],
  end: ['idle', 'timeout', 'memory', 'cancelled', 'stop', 'crash'],
  refuse: ['queue_full'],
} as const

type Kind = keyof typeof causes
export type Cause<K extends Kind = Kind> = (typeof causes)[K][number]

export interface Decision {
  /** `start` and `end` a thread, `refuse` a call. */
  kind: Kind
  cause: Cause
  /** The cause in words, with its figures. */
  reason: string
  /** Threads there are after it. */
  workers: number
  /** Whom it was for. */
  function?: string
}

export class Decisions {
  readonly #counts = new Map<string, { kind: Kind; cause: Cause; count: number }>()
  readonly #tell: ((decision: Decision) => void) | undefined

  constructor(tell?: (decision: Decision) => void) {
    this.#tell = tell
    // A counter that is there from the start can be told from one that does not exist.
    for (const kind of ['start', 'end', 'refuse'] as const) {
      for (const cause of causes[kind]) this.#counts.set(`${kind} ${cause}`, { kind, cause, count: 0 })
    }
  }

  get counts(): { kind: Kind; cause: Cause; count: number }[] {
    return Array.from(this.#counts.values(), (counted) => ({ ...counted }))
  }

  add<K extends Kind>(
    kind: K,
    why: { cause: Cause<K>; reason: string },
    workers: number,
    name?: string,
  ): void {
    const counted = this.#counts.get(`${kind} ${why.cause}`)
    if (counted) counted.count++
    this.#tell?.({ kind, ...why, workers, ...(name !== undefined && { function: name }) })
  }
}
