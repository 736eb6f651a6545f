// What a person agrees to before anything leaves this machine and before anything is paid.

import type { Price } from '../../registry/paid/cost.ts'
import type { Replayed } from './replayed.ts'

export interface Plan {
  network: string
  /** Address of the registry. */
  contract: string
  account: string
  /** In a few words: `publish hello`, `make v1 of hello current`. */
  doing: string
  /** Of a publication. */
  change?: {
    name: string
    from: { version: number; cid: string } | null
    to: { cid: string; size: number; sourceCid: string }
    pinAt: string[]
    fetchFrom: string[]
    /** Absent: no recorded calls are here. */
    replayed?: Replayed
  }
  fee: Fee
  /** What this network does not protect. */
  warnings: string[]
}

/** In FRI, decimal digits. */
export interface Fee {
  estimate: string
  /** What is signed: more can't be taken. */
  maximum: string
  balance: string
  /** At the estimate. */
  balanceAfter: string
}

export function toFee({ estimate, maximum, balance }: Price): Fee {
  return {
    estimate: estimate.toString(),
    maximum: maximum.toString(),
    balance: balance.toString(),
    balanceAfter: (balance - estimate).toString(),
  }
}
