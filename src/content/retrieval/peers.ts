// The gateways of one session: who is asked for a block, alone or against the others, and who is found by routers.

import type { CID } from 'multiformats/cid'
import { describe } from '../../base/errors.ts'
import type { Block } from '../dag/codecs.ts'
import { Candidates } from './candidates.ts'
import { Connections, CutError, RefusedError } from './http.ts'
import { isLoopbackUrl, lookupPublic } from './reach.ts'
import { findProviders } from './routing.ts'
import type { SessionEvent } from './session-event.ts'
import { type Asking, type Source, type Want, openSource } from './source.ts'
import { CarRefusedError } from './stream.ts'
import { Watch } from './watch.ts'

export interface PeersOptions {
  root: CID
  gateways: string[]
  routers: string[]
  silenceMs: number
  requestId: string | undefined
  maxRepeatedBytes: number
  isSeen: (cid: CID) => boolean
  /** Ends everything. */
  signal: AbortSignal
  tell: (event: SessionEvent) => void
}

export class Peers {
  readonly #options: PeersOptions
  readonly #connections: Connections
  readonly #candidates: Candidates
  readonly #routed = new Set<string>()
  readonly #soughtAtRouters = new Set<string>()
  #favourite: string | undefined

  constructor(options: PeersOptions) {
    this.#options = options
    this.#connections = new Connections(options.requestId)
    this.#candidates = new Candidates(options.gateways)
  }

  /** Whether who was best before is asked for single blocks anyway. */
  get prefersBlocks(): boolean {
    return this.#favourite !== undefined && this.#candidates.blocksOnly.has(this.#favourite)
  }

  /** All who may have it are asked at once, and the first verified block wins. Throws GATEWAYS_FAILED. */
  async race(want: Want): Promise<Source> {
    for (;;) {
      const asked = this.#candidates.forBlock(want.cid)
      const source = asked.length > 0 ? await this.#race(want, asked) : undefined
      if (source) return source
      this.#options.signal.throwIfAborted()
      if (this.#candidates.forBlock(want.cid).length > 0 || (await this.#findMore(want.cid))) continue
      const { root } = this.#options
      const part = want.cid.equals(root) ? '' : `, block ${want.cid.toString()}`
      throw this.#candidates.allFailed(root.toString() + part)
    }
  }

  /** The block alone from who was best before; `undefined` when there is nobody, or it fails. */
  async single(cid: CID): Promise<Block | undefined> {
    const gateway = this.#favourite
    if (gateway === undefined || !this.#candidates.has(gateway, cid)) return undefined
    try {
      const { first } = await openSource({ cid }, this.#asking(gateway, cid, [this.#options.signal]))
      this.#options.tell({ kind: 'block', gateway, cid, bytes: first.bytes.length })
      return first
    } catch (cause) {
      if (!this.#options.signal.aborted) this.failed(gateway, cid, cause)
      return undefined
    }
  }

  failed(gateway: string, cid: CID, cause: unknown): void {
    if (this.#favourite === gateway) this.#favourite = undefined
    this.#options.tell({ kind: 'failed', gateway, cid, cause })
    if (cause instanceof CarRefusedError) this.#refusesCar(gateway, cause)
    else this.#candidates.failed(gateway, cid, cause)
  }

  /** A CAR that gave blocks ended: who was merely cut off may be asked for the rest. */
  brokeOff(gateway: string, cid: CID, cause: unknown): void {
    if (!(cause instanceof CutError)) return this.failed(gateway, cid, cause)
    this.#options.tell({ kind: 'failed', gateway, cid, cause })
    this.#candidates.note(gateway, cause)
  }

  close(): void {
    this.#connections.close()
  }

  async #race(want: Want, gateways: string[]): Promise<Source | undefined> {
    const { signal, tell } = this.#options
    const over = { isOver: false }
    const entrants = gateways.map((gateway) => ({ gateway, end: new AbortController() }))
    const runs = entrants.map(async ({ gateway, end }) => {
      const blocksOnly = this.#candidates.blocksOnly.has(gateway)
      const asking = this.#asking(gateway, want.cid, [signal, end.signal])
      try {
        return await openSource(blocksOnly ? { cid: want.cid } : want, asking)
      } catch (cause) {
        // A loser is cut off by us: that is no failure of its own.
        if (!over.isOver && !signal.aborted) this.failed(gateway, want.cid, cause)
        throw cause
      }
    })
    // Each failure was told already; all of them together is no winner.
    const winner = await Promise.any(runs).catch(() => undefined)
    over.isOver = true
    for (const { gateway, end } of entrants) if (gateway !== winner?.gateway) end.abort()
    if (!winner) return undefined
    this.#favourite = winner.gateway
    tell({ kind: 'won', gateway: winner.gateway, cid: want.cid })
    tell({ kind: 'block', gateway: winner.gateway, cid: want.cid, bytes: winner.first.bytes.length })
    return winner
  }

  #asking(gateway: string, cid: CID, signals: AbortSignal[]): Asking {
    const { silenceMs, isSeen, maxRepeatedBytes, tell } = this.#options
    return {
      gateway,
      connections: this.#connections,
      silenceMs,
      signals,
      lookup: this.#routed.has(gateway) ? lookupPublic : undefined,
      isSeen,
      maxRepeatedBytes,
      onAsked: (format) => tell({ kind: 'asked', gateway, cid, format }),
      onFirstByte: () => tell({ kind: 'first-byte', gateway }),
      onCarRefused: (cause) => this.#refusesCar(gateway, cause),
    }
  }

  #refusesCar(gateway: string, cause: unknown): void {
    this.#candidates.note(gateway, cause)
    // A path that is not there says nothing about CARs.
    const isPath = cause instanceof RefusedError && cause.status === 404
    if (!isPath) this.#candidates.blocksOnly.add(gateway)
  }

  /** Routers are asked for the root, which is what is announced, and last for a block that nobody there has. */
  async #findMore(wanted: CID): Promise<boolean> {
    const { root, routers } = this.#options
    for (const cid of [root, wanted]) {
      if (this.#soughtAtRouters.has(cid.toString())) continue
      this.#soughtAtRouters.add(cid.toString())
      const found = await Promise.all(routers.map((router) => this.#findAt(router, cid)))
      const fresh = this.#candidates.add(found.flat())
      for (const url of fresh) if (!isLoopbackUrl(url)) this.#routed.add(url)
      if (fresh.length > 0) return true
    }
    return false
  }

  async #findAt(router: string, cid: CID): Promise<string[]> {
    const { silenceMs, signal, tell } = this.#options
    try {
      const watch = new Watch(silenceMs, [signal])
      const { providers, others } = await findProviders(router, cid, this.#connections, watch)
      tell({ kind: 'routed', router, cid, providers, others })
      const left = Object.entries(others).map(([reason, count]) => `${count} ${reason}`)
      const more = left.length > 0 ? `, not usable: ${left.join(', ')}` : ''
      this.#candidates.note(router, new Error(`names ${providers.length} HTTP providers${more}`))
      return providers
    } catch (cause) {
      tell({ kind: 'failed', gateway: router, cid, cause })
      this.#candidates.note(router, new Error(`as a router: ${describe(cause)}`, { cause }))
      return []
    }
  }
}
