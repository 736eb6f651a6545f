// The blocks that one piece of work brings: held while it lasts, and taken back when it comes to nothing.

import type { CID } from 'multiformats/cid'
import type { Block } from './dag/codecs.ts'
import type { Hold } from './holds.ts'

export interface DeliveryStore {
  /** Gives whether the block is new here. */
  put(block: Block): Promise<boolean>
  delete(cid: CID, keep: () => boolean): Promise<unknown>
}

export class Delivery {
  readonly #store: DeliveryStore
  readonly #hold: Hold
  readonly #fresh: CID[] = []
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(store: DeliveryStore, hold: Hold) {
    this.#store = store
    this.#hold = hold
  }

  async put(block: Block): Promise<void> {
    this.#hold.add(block.cid)
    const done = this.#store.put(block)
    this.#underWay.add(done)
    try {
      if (await done) this.#fresh.push(block.cid)
    } finally {
      this.#underWay.delete(done)
    }
  }

  /**
   * Removes what was new here, but what other holds came upon. The importer puts many blocks at one time and fails
   * with the first that does: the others are waited for, or they would come to lie here afterwards.
   */
  async takeBack(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    // What has settled is counted a turn later.
    await Promise.resolve()
    for (const cid of this.#fresh) await this.#store.delete(cid, () => this.#hold.isShared(cid))
  }
}
