// What happens in a session, for progress and for the trace.

import type { CID } from 'multiformats/cid'

/** `block`: it came from there and was verified; `failed`: why a gateway or a router did not give it. */
export type SessionEvent =
  | { kind: 'asked'; gateway: string; cid: CID; format: 'car' | 'raw' }
  | { kind: 'first-byte'; gateway: string }
  | { kind: 'won'; gateway: string; cid: CID }
  | { kind: 'block'; gateway: string; cid: CID; bytes: number }
  | { kind: 'failed'; gateway: string; cid: CID; cause: unknown }
  | { kind: 'routed'; router: string; cid: CID; providers: string[]; others: Record<string, number> }
