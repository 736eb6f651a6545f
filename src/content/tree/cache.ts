// Verified blocks kept in memory, the last used longest: they never change, so they are never stale.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { type Block, type BlockReader, isIdentity, keyOf } from '../dag/codecs.ts'

export class BlockCache implements BlockReader {
  readonly #maxBytes: number
  /** The least recently used first. */
  readonly #blocks = new Map<string, Uint8Array>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of the blocks that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** Throws CONTENT_NOT_FOUND. */
  async get(cid: CID): Promise<Uint8Array> {
    const bytes = this.find(cid)
    if (!bytes) throw new WasmateError('CONTENT_NOT_FOUND', `block ${cid.toString()}`)
    return bytes
  }

  find(cid: CID): Uint8Array | undefined {
    if (isIdentity(cid)) return cid.multihash.digest
    const key = keyOf(cid)
    const bytes = this.#blocks.get(key)
    if (!bytes) return undefined
    this.#blocks.delete(key)
    this.#blocks.set(key, bytes)
    return bytes
  }

  /** The block is one that was verified. */
  async put(block: Block): Promise<void> {
    this.keep(block)
  }

  /** As `put`. */
  keep({ cid, bytes }: Block): void {
    const key = keyOf(cid)
    if (this.#blocks.has(key)) return
    this.#blocks.set(key, bytes)
    this.#bytes += bytes.length
    for (const [oldest, { length }] of this.#blocks) {
      if (this.#bytes <= this.#maxBytes) return
      this.#blocks.delete(oldest)
      this.#bytes -= length
    }
  }
}
