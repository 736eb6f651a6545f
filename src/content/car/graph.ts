// Which blocks link to which, without their bytes: what of the DAGs under some roots is there and what is missing.

import type { CID } from 'multiformats/cid'

/** `opaque`: it is there, but it can't be told whether it is right, or what it links to. */
type State = 'good' | 'opaque'

/** CIDs that something is to be said of: all of them counted, the first thousand named. */
export interface SomeCids {
  count: number
  first: string[]
}

export type Completeness = 'complete' | 'incomplete' | 'unknown'

/** So many distinct CIDs, and links between them, are kept; a CAR of 1 GiB has some ten thousand. */
const maxCids = 1_000_000
const maxLinks = 10_000_000
const maxNamed = 1_000

export class LinkGraph {
  readonly #ids = new Map<string, number>()
  /** As it was first met: a CIDv0 stays one. */
  readonly #names: string[] = []
  readonly #states: (State | undefined)[] = []
  readonly #links: (readonly number[] | undefined)[] = []
  #linkCount = 0
  #isFull = false

  /** What there was is too much to keep: nothing can be told of completeness then. */
  get isFull(): boolean {
    return this.#isFull
  }

  has(cid: CID): boolean {
    const id = this.#ids.get(keyOf(cid))
    return id !== undefined && this.#states[id] !== undefined
  }

  add(cid: CID, state: State, links: readonly CID[]): void {
    const id = this.idOf(cid)
    this.#linkCount += links.length
    if (this.#ids.size > maxCids || this.#linkCount > maxLinks) this.#isFull = true
    if (this.#isFull) return
    this.#states[id] = state
    this.#links[id] = links.map((link) => this.idOf(link))
  }

  /** Where a CID stands in what is kept; one that is new gets a place. */
  idOf(cid: CID): number {
    const key = keyOf(cid)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#names.length
    this.#ids.set(key, id)
    this.#names.push(cid.version === 0 ? cid.toString() : key)
    return id
  }

  /** For each CID whether all under it is there. */
  completenessOf(cids: readonly CID[]): Completeness[] {
    const isMissing = (id: number): boolean => this.#states[id] === undefined
    const isOpaque = (id: number): boolean => this.#states[id] === 'opaque'
    const ids = cids.map((cid) => this.idOf(cid))
    if (this.#isFull) return ids.map(() => 'unknown')
    const parents = this.#parents()
    const lacking = this.#spread(this.#all(isMissing), (id) => parents[id])
    const unclear = this.#spread(this.#all(isOpaque), (id) => parents[id])
    return ids.map((id) => (lacking[id] ? 'incomplete' : unclear[id] ? 'unknown' : 'complete'))
  }

  /** What the roots lead to and is not there, and what is there and no root leads to. */
  compare(roots: readonly CID[]): { missing: SomeCids; unreachable: SomeCids } {
    const ids = roots.map((root) => this.idOf(root))
    if (this.#isFull) return { missing: this.#name([]), unreachable: this.#name([]) }
    const reached = this.#spread(ids, (id) => this.#links[id])
    return {
      missing: this.#name(this.#all((id) => reached[id] === 1 && this.#states[id] === undefined)),
      unreachable: this.#name(this.#all((id) => reached[id] === 0 && this.#states[id] !== undefined)),
    }
  }

  #name(ids: number[]): SomeCids {
    return { count: ids.length, first: ids.slice(0, maxNamed).map((id) => this.#names[id] ?? '') }
  }

  #all(test: (id: number) => boolean): number[] {
    return [...this.#names.keys()].filter(test)
  }

  #parents(): number[][] {
    const parents: number[][] = this.#names.map(() => [])
    for (const [id, links] of this.#links.entries()) {
      for (const link of links ?? []) parents[link]?.push(id)
    }
    return parents
  }

  /** 1 for each that is reached from these. */
  #spread(from: readonly number[], next: (id: number) => readonly number[] | undefined): Uint8Array {
    const reached = new Uint8Array(this.#names.length)
    const stack = [...from]
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (reached[id]) continue
      reached[id] = 1
      for (const link of next(id) ?? []) if (!reached[link]) stack.push(link)
    }
    return reached
  }
}

/** CIDv0 and CIDv1 of one block are the same; the same bytes under another codec are not. */
function keyOf(cid: CID): string {
  return cid.toV1().toString()
}
