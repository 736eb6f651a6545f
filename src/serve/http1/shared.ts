// What the connections of a llhttp server have in common.

import type { Connection } from './connection.ts'
import type { Llhttp } from './llhttp.ts'
import type { Fault, Http1Limits, Http1Request, Refusal } from './request.ts'

export interface Shared {
  readonly limits: Http1Limits
  readonly llhttp: Llhttp
  readonly handle: (request: Http1Request) => void
  readonly refuse: (fault: Fault) => Refusal
  readonly connections: Set<Connection>
  /** Monotonic, in milliseconds, as of the last sweep. */
  now: number
  /** For Date, as of the last sweep. */
  date: string
  draining: boolean
}
