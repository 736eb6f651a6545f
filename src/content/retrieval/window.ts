// The blocks that came last, up to a number of bytes: for those that are looked at twice.

import type { CID } from 'multiformats/cid'
import { type Block, keyOf } from '../dag/codecs.ts'

export class BlockWindow {
  readonly #maxBytes: number
  readonly #blocks = new Map<string, Uint8Array>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(cid: CID): Uint8Array | undefined {
    const key = keyOf(cid)
    const bytes = this.#blocks.get(key)
    if (!bytes) return undefined
    // A map keeps the order of insertion: the one that was used last goes last.
    this.#blocks.delete(key)
    this.#blocks.set(key, bytes)
    return bytes
  }

  add({ cid, bytes }: Block): void {
    if (this.get(cid)) return
    this.#blocks.set(keyOf(cid), bytes)
    this.#bytes += bytes.length
    for (const [key, oldest] of this.#blocks) {
      if (this.#bytes <= this.#maxBytes) return
      this.#blocks.delete(key)
      this.#bytes -= oldest.length
    }
  }
}
