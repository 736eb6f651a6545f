// How far the registry's events are known, and by which blocks it is told that the chain is still the same one.

import { z } from 'zod'

/**
 * A block that was seen. Its hash alone does not tell it from another of its number: starknet-devnet 0.10.1 makes
 * hashes from which neither the transactions nor the time can be told.
 */
export const anchorSchema = z.object({
  blockNumber: z.number(),
  blockHash: z.string(),
  /** One that is in it; absent when there is none. */
  transactionHash: z.string().optional(),
  /** Seconds since 1970, when known. */
  timestamp: z.number().optional(),
})

export type Anchor = z.infer<typeof anchorSchema>

export interface Cursor {
  /** Contract address of the registry whose events they are; empty before the first. */
  address: string
  /** Every event up to this block is known; 0 for none. */
  blockNumber: number
  /** Blocks in which something happened and the last one that was seen, oldest first. */
  anchors: Anchor[]
}

/** A reorganisation that goes further back than this is read anew from the first block. */
const maxAnchors = 64

export class Trail {
  readonly #address: string
  #blockNumber: number
  #anchors: Anchor[]
  /** The newest anchor has no event: the next one takes its place. */
  #isNewestIdle = false
  /** Anchors up to this block were found on the chain before. */
  #checkedTo = 0

  constructor({ address, blockNumber, anchors }: Cursor) {
    this.#address = address
    this.#blockNumber = blockNumber
    this.#anchors = [...anchors]
  }

  get blockNumber(): number {
    return this.#blockNumber
  }

  /** An event came of this block, which may hold more of them. */
  note(anchor: Anchor): void {
    this.#advance(anchor.blockNumber - 1)
    const newest = this.#anchors.at(-1)
    if (newest && newest.blockNumber >= anchor.blockNumber) return
    if (this.#isNewestIdle) this.#anchors.pop()
    this.#anchors.push(anchor)
    this.#isNewestIdle = false
    if (this.#anchors.length > maxAnchors) this.#anchors.shift()
  }

  /** Every event up to and in this block is known. */
  arrive(head: Anchor): void {
    const isNew = (this.#anchors.at(-1)?.blockNumber ?? 0) < head.blockNumber
    this.note(head)
    this.#isNewestIdle ||= isNew
    this.#advance(head.blockNumber)
    this.#checkedTo = head.blockNumber
  }

  /** What comes after this block is forgotten. */
  cutTo(blockNumber: number): void {
    this.#blockNumber = Math.min(this.#blockNumber, blockNumber)
    this.#anchors = this.#anchors.filter((anchor) => anchor.blockNumber <= blockNumber)
    this.#isNewestIdle = false
    this.#checkedTo = Math.min(this.#checkedTo, blockNumber)
  }

  /** Whether the block can't be one of the chain that was followed so far. */
  contradicts({ blockNumber, blockHash }: Pick<Anchor, 'blockNumber' | 'blockHash'>): boolean {
    const known = this.#anchors.findLast((anchor) => anchor.blockNumber <= blockNumber)
    return known?.blockNumber === blockNumber && known.blockHash !== blockHash
  }

  /**
   * Number of the last known block that is still on the chain, 0 when none is; `undefined` when all of them are.
   * A block can only be as it was when those before it are: it is enough to look at what is new and at the newest.
   */
  async findFork(isOnChain: (anchor: Anchor) => Promise<boolean>): Promise<number | undefined> {
    const newest = this.#anchors.at(-1)
    if (!newest) return undefined
    const unchecked = this.#anchors.filter(({ blockNumber }) => blockNumber > this.#checkedTo)
    const looked = await Promise.all((unchecked.length > 0 ? unchecked : [newest]).map(isOnChain))
    if (!looked.includes(false)) {
      this.#checkedTo = newest.blockNumber
      return undefined
    }
    const all = await Promise.all(this.#anchors.map(isOnChain))
    const firstGone = all.indexOf(false)
    return firstGone === -1 ? undefined : (this.#anchors[firstGone - 1]?.blockNumber ?? 0)
  }

  toCursor(): Cursor {
    return { address: this.#address, blockNumber: this.#blockNumber, anchors: [...this.#anchors] }
  }

  #advance(blockNumber: number): void {
    this.#blockNumber = Math.max(this.#blockNumber, blockNumber)
  }
}
