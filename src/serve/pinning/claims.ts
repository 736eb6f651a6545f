// What pin requests hold of the node: taken before a pin is made, undone when the last request for a CID has gone, and
// never at the cost of a pin that somebody else made.

import { parseCid } from '../../content/dag/codecs.ts'
import type { ContentNode } from '../../content/node.ts'
import type { PinStore, StoredRequest } from './store.ts'

export class Claims {
  readonly #node: ContentNode
  readonly #store: PinStore
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(node: ContentNode, store: PinStore) {
    this.#node = node
    this.#store = store
  }

  /** On disk before anything is pinned: after a crash it is known what was there before. */
  take({ pin: { cid, name = '' } }: StoredRequest): Promise<void> {
    const key = keyOf(cid)
    return this.#inTurn(key, async () => {
      const there = this.#store.claim(key)
      if (there?.names.includes(name)) return
      const found = there?.found ?? this.#node.pins.get(parseCid(cid))?.mode ?? 'none'
      await this.#store.setClaim({ cid: key, found, names: [...(there?.names ?? []), name] })
    })
  }

  /** Undoes the pin of a CID that no request holds. Resolves when that is on disk. */
  release(cid: string): Promise<void> {
    return this.#inTurn(keyOf(cid), () => this.#release(cid))
  }

  /** Ends a request together with what it holds: of several that leave at one time the last one undoes the pin. */
  leave({ requestid, pin: { cid } }: StoredRequest): Promise<void> {
    return this.#inTurn(keyOf(cid), async () => {
      await this.#release(cid, requestid)
      await this.#store.drop(requestid)
    })
  }

  async #release(cid: string, leaving?: string): Promise<void> {
    const key = keyOf(cid)
    const claim = this.#store.claim(key)
    if (!claim || this.#isHeld(key, leaving)) return
    const root = parseCid(cid)
    const pin = this.#node.pins.get(root)
    // One without a name was made by an import that a crash kept from naming it.
    const isOurs = pin?.mode === 'recursive' && (pin.name === '' || claim.names.includes(pin.name))
    if (claim.found !== 'recursive' && isOurs) {
      await this.#node.pins.remove(root)
      if (claim.found === 'direct') await this.#node.pin(root, 'direct', pin.name)
    }
    await this.#store.dropClaim(key)
  }

  #isHeld(key: string, leaving: string | undefined): boolean {
    return this.#store.all().some(({ requestid, status, pin }) => {
      const holds = status === 'pinning' || status === 'pinned'
      return holds && requestid !== leaving && keyOf(pin.cid) === key
    })
  }

  /** The pin set looks and writes in two steps: what concerns one CID follows each other. */
  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#turns.get(key) ?? Promise.resolve()).then(work)
    const settled: Promise<void> = done
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(key) === settled) this.#turns.delete(key)
      })
    this.#turns.set(key, settled)
    return done
  }
}

function keyOf(cid: string): string {
  return parseCid(cid).toString()
}
