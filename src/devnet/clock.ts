// The timestamp of each next block, kept by us so that a restored chain has the same ones.

import type { Call } from './calls.ts'

type TimedCall = Pick<Call, 'method' | 'params'>

/** All times in whole seconds since 1970. */
export class Clock {
  /** What the person has shifted the chain's time by. */
  #offset = 0
  /** The time that the person set for exactly the next block. */
  #next: number | undefined

  /** What to set before the call; `undefined` when the call sets the time itself. */
  timeFor(call: TimedCall, now: number): number | undefined {
    if (call.method === 'devnet_setTime') return undefined
    if (call.method === 'devnet_increaseTime') return now + this.#offset + readNumber(call, 'time', 0)
    return this.#next ?? now + this.#offset
  }

  /** Takes note of a call that the chain accepted at the wall-clock time `at`. */
  accepted(call: TimedCall, at: number, madeBlock: boolean): void {
    if (madeBlock) this.#next = undefined
    const time = readNumber(call, 'time', 0)
    if (call.method === 'devnet_increaseTime') this.#offset += time
    if (call.method !== 'devnet_setTime') return
    this.#offset = time - at
    this.#next = madeBlock ? undefined : time
  }
}

/** devnet takes parameters by name and by position. */
function readNumber({ params }: TimedCall, name: string, position: number): number {
  const named = Object(params) as Record<string, unknown>
  const value: unknown = Array.isArray(params) ? params[position] : named[name]
  return typeof value === 'number' ? value : 0
}
