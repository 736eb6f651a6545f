// What must come, as far as the blocks that came tell: depth first, in link order.

import type { CID } from 'multiformats/cid'
import { type Block, dagKeyOf, decodeNode, linksOf, mayLink } from '../dag/codecs.ts'

export interface Expected {
  cid: CID
  /** Linked without a name: a part of a file, and nothing that stands in a directory. */
  isPart: boolean
}

const dagPbCode = 0x70

export class Outlook {
  /** The next one is the last. */
  readonly #stack: Expected[]
  readonly #seen = new Set<string>()

  constructor(root: CID) {
    this.#stack = [{ cid: root, isPart: false }]
  }

  readonly isSeen = (cid: CID): boolean => this.#seen.has(dagKeyOf(cid))

  /** How far from the end of everything a block is expected; -1 when it is not. */
  placeOf(cid: CID): number {
    return this.#stack.findLastIndex((expected) => expected.cid.equals(cid))
  }

  isPart(cid: CID): boolean {
    return this.#stack[this.placeOf(cid)]?.isPart ?? false
  }

  /** The next ones, nearest first; those that were there already are left out. */
  next(count: number): Expected[] {
    const found: Expected[] = []
    for (let place = this.#stack.length - 1; place >= 0 && found.length < count; place--) {
      const expected = this.#stack[place]
      if (expected && !this.isSeen(expected.cid)) found.push(expected)
    }
    return found
  }

  /** A block was there: what stood before it is not wanted any more, and its links come next. */
  pass(block: Block): void {
    const place = this.placeOf(block.cid)
    // One that is only looked at again is not where it would stand.
    const isNext = place === this.#stack.length - 1
    if (place < 0 || (this.isSeen(block.cid) && !isNext)) return
    this.#seen.add(dagKeyOf(block.cid))
    this.#stack.length = place
    for (const expected of expectedAfter(block)) this.#stack.push(expected)
  }
}

/** The last one first. What can't be decoded has no links here: whoever walks the DAG says so. */
function expectedAfter(block: Block): Expected[] {
  if (!mayLink(block.cid)) return []
  try {
    if (block.cid.code !== dagPbCode)
      return linksOf(block)
        .map((cid) => ({ cid, isPart: false }))
        .reverse()
    return decodeNode(block)
      .Links.map(({ Hash, Name = '' }) => ({ cid: Hash, isPart: Name === '' }))
      .reverse()
  } catch {
    return []
  }
}
