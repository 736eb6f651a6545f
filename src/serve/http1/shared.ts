// What the connections of a llhttp server have in common.

import type { Llhttp } from './llhttp.ts'
import type { Room } from './room.ts'
import type { Fault, Http1Limits, Http1Request, Refusal } from './request.ts'

/** A connection, as its server sees it. */
export interface Open {
  /** Takes no further request. */
  drain(): void
  /** Ends it when one of its times is over. */
  sweep(): void
  destroy(): void
}

export interface Shared {
  readonly limits: Http1Limits
  readonly llhttp: Llhttp
  readonly handle: (request: Http1Request) => void
  readonly refuse: (fault: Fault) => Refusal
  readonly connections: Set<Open>
  readonly room: Room
  /** Monotonic, in milliseconds, as of the last sweep. */
  now: number
  /** For Date, as of the last sweep. */
  date: string
  draining: boolean
}
