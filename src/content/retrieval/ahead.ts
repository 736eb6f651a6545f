// Single blocks that are fetched before somebody asks for them, a few at one time.

import type { CID } from 'multiformats/cid'
import { type Block, dagKeyOf } from '../dag/codecs.ts'

/** Those that came or are on their way. */
const maxFlights = 12

export class Ahead {
  readonly #fetch: (cid: CID) => Promise<Block | undefined>
  readonly #flights = new Map<string, Promise<Block | undefined>>()

  /** `fetch` never rejects. */
  constructor(fetch: (cid: CID) => Promise<Block | undefined>) {
    this.#fetch = fetch
  }

  /** `undefined` when it was not fetched, or in vain. */
  async take(cid: CID): Promise<Block | undefined> {
    const key = dagKeyOf(cid)
    const flight = this.#flights.get(key)
    this.#flights.delete(key)
    return flight
  }

  /** These come next: those that are not on their way yet are fetched. */
  fill(cids: CID[]): void {
    for (const cid of cids) {
      const key = dagKeyOf(cid)
      if (!this.#flights.has(key)) this.#flights.set(key, this.#fetch(cid))
    }
    // What nobody took comes after what was found below what was taken, or was skipped.
    for (const key of this.#flights.keys()) {
      if (this.#flights.size <= maxFlights) return
      this.#flights.delete(key)
    }
  }
}
