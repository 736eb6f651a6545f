// Verified blocks for one piece of work: those that are kept, and the rest from the emulators of this window.

import type { CID } from 'multiformats/cid'
import type { BlockReader } from '../content/dag/codecs.ts'
import type { RetrievalSession } from '../content/retrieval/session.ts'
import type { BlockCache } from '../content/tree/cache.ts'

export interface BlocksOptions {
  cache: BlockCache
  /** Called when the first block is not kept: what was read once can be read when the emulator has ended. */
  findGateways: () => Promise<string[]>
  openSession: (gateways: string[]) => RetrievalSession
  /** A session gives one block after the other: so many of them work at one time. */
  sessions: number
}

export class WindowBlocks implements BlockReader {
  readonly #options: BlocksOptions
  #opened: Promise<RetrievalSession[]> | undefined
  #asked = 0

  constructor(options: BlocksOptions) {
    this.#options = options
  }

  async get(cid: CID): Promise<Uint8Array> {
    const kept = this.#options.cache.find(cid)
    if (kept) return kept
    this.#opened ??= this.#open()
    const sessions = await this.#opened
    const session = sessions[this.#asked++ % sessions.length]
    return session ? session.get(cid) : this.#options.cache.get(cid)
  }

  async close(): Promise<void> {
    // Whoever asked for a block was told why no session came to be.
    const sessions = (await this.#opened?.catch(() => undefined)) ?? []
    await Promise.all(sessions.map((session) => session.close()))
  }

  async #open(): Promise<RetrievalSession[]> {
    const { findGateways, openSession, sessions } = this.#options
    const gateways = await findGateways()
    return Array.from({ length: sessions }, () => openSession(gateways))
  }
}
