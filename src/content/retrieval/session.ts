// Verified blocks of one DAG, one after the other, from a store and from gateways that nobody needs to trust.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { type Block, type BlockReader, isIdentity, matches, mayLink } from '../dag/codecs.ts'
import type { DagScope, EntityBytes } from '../dag/select.ts'
import { tooLarge } from '../dag/unixfs.ts'
import { readIfHere } from '../dag/walk.ts'
import { BlockCache } from '../tree/cache.ts'
import { Ahead } from './ahead.ts'
import { Outlook } from './outlook.ts'
import { Peers } from './peers.ts'
import type { SessionEvent } from './session-event.ts'
import type { Source, Want } from './source.ts'
import type { CarStream } from './stream.ts'

export interface SessionOptions {
  /** What is wanted, as a hint for the first request to each gateway: path, scope and range go into its URL. */
  ask: { root: CID; segments: string[]; scope: DagScope; entityBytes?: EntityBytes | undefined }
  /** Where blocks are looked for first; those that come are put there when it can, for the next try. */
  store?: { get(cid: CID): Promise<Uint8Array>; put?(block: Block): Promise<unknown> }
  /** URLs of trustless gateways, without /ipfs. */
  gateways: string[]
  /** Delegated routers (/routing/v1), asked only when no gateway has it. */
  routers: string[]
  /** Most bytes of blocks that are taken from gateways. */
  maxBytes: number
  /** Most blocks: a million unless given. */
  maxBlocks?: number
  /** How long a gateway may stay silent before it is given up: 5 seconds unless given. */
  silenceMs?: number
  /** Sent as X-Request-Id. */
  requestId?: string
  signal?: AbortSignal
  /** Told for progress and for the trace. Never throws. */
  onEvent?: (event: SessionEvent) => void
}

const defaultSilenceMs = 5_000
const defaultMaxBlocks = 1_000_000
/** Bytes that a gateway may send again, beside as many as there may be. */
const repeatableBytes = 1024 * 1024
const windowBytes = 16 * 1024 * 1024
/** Single blocks that are asked for at one time. */
const maxAhead = 6

/**
 * A walk over it, depth first in link order, is a streaming retrieval: gateways are raced, what one delivered
 * before it failed is kept, and only the rest is asked of the others. Memory stays at a window of blocks.
 */
export class RetrievalSession implements BlockReader {
  readonly #options: SessionOptions
  readonly #ended = new AbortController()
  readonly #outlook: Outlook
  readonly #peers: Peers
  readonly #window = new BlockCache(windowBytes)
  readonly #ahead = new Ahead((cid) => this.#early(cid))
  /** The CAR that is read, and where what it holds begins. */
  #running: { stream: CarStream; place: number } | undefined
  #isAsked = false
  /** Blocks come one by one and not as a CAR. */
  #isSingle = false
  #blocks = 0
  #bytes = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: SessionOptions) {
    const { ask, gateways, routers, maxBytes, silenceMs = defaultSilenceMs, requestId, signal } = options
    this.#options = options
    this.#outlook = new Outlook(ask.root)
    this.#peers = new Peers({
      root: ask.root,
      gateways,
      routers,
      silenceMs,
      requestId,
      maxRepeatedBytes: maxBytes + repeatableBytes,
      isSeen: this.#outlook.isSeen,
      signal: this.#ended.signal,
      tell: (event) => options.onEvent?.(event),
    })
    signal?.addEventListener('abort', this.#end)
    if (signal?.aborted) this.#end()
  }

  /**
   * Verified bytes: from the store, the stream that runs, or a new race. Throws GATEWAYS_FAILED with what each
   * gateway did, CONTENT_TOO_LARGE, CODEC_UNSUPPORTED for a hash that can't be checked, CANCELLED also after
   * `close`, and what the store throws beside CONTENT_NOT_FOUND.
   */
  get(cid: CID): Promise<Uint8Array> {
    // One after the other: what a stream gives next belongs to who asked first.
    const got = this.#turn.then(() => this.#get(cid))
    this.#turn = got.catch(() => undefined)
    return got
  }

  /** Ends all requests; what is asked for then is cancelled. */
  async close(): Promise<void> {
    this.#end()
    await this.#turn
  }

  readonly #end = (): void => {
    this.#options.signal?.removeEventListener('abort', this.#end)
    this.#ended.abort()
    this.#peers.close()
  }

  async #get(cid: CID): Promise<Uint8Array> {
    try {
      this.#ended.signal.throwIfAborted()
      const bytes = isIdentity(cid) ? cid.multihash.digest : await this.#read(cid)
      this.#outlook.pass({ cid, bytes })
      this.#lookAhead()
      return bytes
    } catch (error) {
      if (!this.#ended.signal.aborted) throw error
      throw new WasmateError('CANCELLED', `fetching ${this.#options.ask.root.toString()}`, { cause: error })
    }
  }

  async #read(cid: CID): Promise<Uint8Array> {
    const kept = this.#window.find(cid) ?? (await this.#stored(cid))
    if (kept) return kept
    // Throws CODEC_UNSUPPORTED before anybody is asked for what can't be verified.
    matches({ cid, bytes: new Uint8Array() })
    const block = (await this.#ahead.take(cid)) ?? (await this.#streamed(cid)) ?? (await this.#fetched(cid))
    await this.#keep(block)
    return block.bytes
  }

  async #stored(cid: CID): Promise<Uint8Array | undefined> {
    const { store } = this.#options
    return store && readIfHere(store, cid)
  }

  async #streamed(cid: CID): Promise<Block | undefined> {
    // A CAR has each block once (dups=n): one that nothing kept is fetched again alone.
    if (!this.#running || this.#outlook.isSeen(cid)) return undefined
    const { stream, place } = this.#running
    const expectedAt = this.#outlook.placeOf(cid)
    if (expectedAt < place) {
      // It comes after what this CAR holds; or is looked at again, and then the CAR goes on later.
      if (expectedAt >= 0) this.#drop()
      return undefined
    }
    try {
      const block = await stream.take(cid)
      this.#options.onEvent?.({ kind: 'block', gateway: stream.gateway, cid, bytes: block.bytes.length })
      return block
    } catch (cause) {
      this.#drop()
      if (!this.#ended.signal.aborted) this.#peers.brokeOff(stream.gateway, cid, cause)
      return undefined
    }
  }

  async #fetched(cid: CID): Promise<Block> {
    this.#ended.signal.throwIfAborted()
    const want = this.#wantOf(cid)
    const place = this.#outlook.placeOf(cid)
    const block = want.car && !this.#peers.prefersBlocks ? undefined : await this.#peers.single(cid)
    const source: Pick<Source, 'first' | 'stream'> = block ? { first: block } : await this.#peers.race(want)
    this.#isSingle = !source.stream
    if (source.stream) this.#running = { stream: source.stream, place }
    return source.first
  }

  /** All from here on, where what is wanted of it can be said: else the block alone. */
  #wantOf(cid: CID): Want {
    const { root, ...car } = this.#options.ask
    if (!this.#isAsked && cid.equals(root)) {
      this.#isAsked = true
      return { cid, car }
    }
    const isExpected = this.#outlook.placeOf(cid) >= 0 && !this.#running
    const isWhole = car.segments.length === 0 || this.#outlook.isPart(cid)
    if (!isExpected || !isWhole || !mayLink(cid) || car.scope === 'block' || car.entityBytes) return { cid }
    return { cid, car: { segments: [], scope: car.scope } }
  }

  /** What comes next for certain, as far as it is blocks that are asked for one by one. */
  #lookAhead(): void {
    const { scope, segments } = this.#options.ask
    const isAll = scope === 'all' && segments.length === 0
    const wanted: CID[] = []
    const next = this.#isSingle && !this.#running && scope !== 'block' ? this.#outlook.next(maxAhead) : []
    for (const { cid, isPart } of next) {
      const isSingle = !mayLink(cid) || this.#peers.prefersBlocks
      if (!isSingle || isIdentity(cid) || (!isPart && !isAll)) break
      wanted.push(cid)
    }
    this.#ahead.fill(wanted)
  }

  async #early(cid: CID): Promise<Block | undefined> {
    // What is there is not fetched; and what is wrong with a store is told to who asks for the block.
    const isThere = this.#window.find(cid) ?? (await this.#stored(cid).catch(() => true))
    return isThere ? undefined : this.#peers.single(cid)
  }

  async #keep(block: Block): Promise<void> {
    const { ask, store, maxBytes, maxBlocks = defaultMaxBlocks } = this.#options
    this.#bytes += block.bytes.length
    this.#blocks += 1
    if (this.#bytes > maxBytes) throw tooLarge(ask.root, this.#bytes, maxBytes)
    if (this.#blocks > maxBlocks) {
      const detail = `${ask.root.toString()} has more than ${maxBlocks} blocks, which is the limit`
      throw new WasmateError('CONTENT_TOO_LARGE', detail)
    }
    this.#window.keep(block)
    await store?.put?.(block)
  }

  #drop(): void {
    this.#running?.stream.close()
    this.#running = undefined
  }
}
