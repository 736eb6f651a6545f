// What is being added is not pinned yet: a hold keeps its blocks from being collected meanwhile.

import type { CID } from 'multiformats/cid'
import { keyOf } from './dag/codecs.ts'

/** One add, import or pin under way. */
export interface Hold {
  /** Call before the block is looked for or written. */
  add(cid: CID): void
  /** Whether another hold came upon the same block since. */
  isShared(cid: CID): boolean
  /** Idempotent. */
  release(): void
}

export class Holds {
  readonly #open = new Set<{ keys: Set<string>; shared: Set<string> }>()
  #collecting: Set<string> | undefined

  open(): Hold {
    const hold = { keys: new Set<string>(), shared: new Set<string>() }
    this.#open.add(hold)
    return {
      add: (cid) => {
        const key = keyOf(cid)
        hold.keys.add(key)
        this.#collecting?.add(key)
        for (const other of this.#open) if (other !== hold && other.keys.has(key)) other.shared.add(key)
      },
      isShared: (cid) => hold.shared.has(keyOf(cid)),
      release: () => void this.#open.delete(hold),
    }
  }

  /**
   * Gives the keys that must stay: all that is held now or comes to be held until `end`. A hold that is
   * released meanwhile still counts, because its pin may be newer than the marking.
   */
  collect(): { kept: ReadonlySet<string>; end(): void } {
    const kept = new Set<string>()
    for (const { keys } of this.#open) for (const key of keys) kept.add(key)
    this.#collecting = kept
    return { kept, end: () => (this.#collecting = undefined) }
  }
}
