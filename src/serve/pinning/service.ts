// The life of pin requests: queued -> pinning -> pinned | failed, each state told when it is so; what a restart
// interrupts goes on.

import { WasmateError, describe, toWasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import type { ContentNode } from '../../content/node.ts'
import type { PinRequest } from '../../content/pinning/messages.ts'
import { bringPin } from './bring.ts'
import { Claims } from './claims.ts'
import type { FetchDag } from './origins.ts'
import type { PinStore, StoredRequest } from './store.ts'

export interface PinRequestsOptions {
  node: ContentNode
  store: PinStore
  fetch: FetchDag
  log: Log
}

interface Run {
  ending: AbortController
  done: Promise<void>
  /** What is being done just now. */
  details: string
}

/** So many at one time; the others are queued. */
const maxRuns = 4

export class PinRequests {
  readonly #options: PinRequestsOptions
  readonly #store: PinStore
  readonly #claims: Claims
  readonly #runs = new Map<string, Run>()
  readonly #departures = new Map<string, Promise<void>>()
  #stopped = false

  constructor(options: PinRequestsOptions) {
    this.#options = options
    this.#store = options.store
    this.#claims = new Claims(options.node, options.store)
  }

  /** Goes on where a process that ended left off. */
  async start(): Promise<void> {
    // A crash can come between the end of a request and that of what it held.
    for (const { cid } of this.#store.claims()) await this.#claims.release(cid)
    this.#letGo()
    this.#next()
  }

  /** What runs is broken off and goes on with the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { ending } of this.#runs.values()) ending.abort()
    await Promise.all([...this.#runs.values()].map(({ done }) => done))
    await Promise.allSettled(this.#departures.values())
    await this.#store.close()
  }

  /** Newest first, as clients see them. */
  list(): StoredRequest[] {
    const queue = this.#queue()
    return this.#store
      .all()
      .filter(({ leaving }) => !leaving)
      .sort((a, b) => (a.created < b.created ? 1 : -1))
      .map((request) => this.#view(request, queue))
  }

  /** Throws PIN_REQUEST_NOT_FOUND. */
  get(requestid: string): StoredRequest {
    return this.#view(this.#find(requestid))
  }

  /** Resolves when it is on disk, still queued. */
  async add(pin: PinRequest): Promise<StoredRequest> {
    const request = this.#store.make(pin)
    await this.#store.add(request)
    const view = this.#view(request)
    this.#next()
    return view
  }

  /** The old pin goes when the new one is there, so that no block of both can be collected between. */
  async replace(requestid: string, pin: PinRequest): Promise<StoredRequest> {
    this.#find(requestid)
    const request = this.#store.make(pin)
    await this.#store.add(request, requestid)
    this.#runs.get(requestid)?.ending.abort()
    const view = this.#view(request)
    this.#next()
    return view
  }

  /** Resolves when the request is gone, and so is its pin unless something else holds it. */
  async remove(requestid: string): Promise<void> {
    await this.#store.leave(this.#find(requestid).requestid)
    this.#letGo()
    await this.#departures.get(requestid)
  }

  #find(requestid: string): StoredRequest {
    const request = this.#store.get(requestid)
    if (request && !request.leaving) return request
    throw new WasmateError('PIN_REQUEST_NOT_FOUND', JSON.stringify(requestid.slice(0, 120)))
  }

  #view(request: StoredRequest, queue = this.#queue()): StoredRequest {
    const { status, requestid, pin, info } = request
    const run = this.#runs.get(requestid)
    if (status === 'pinning' && run) return { ...request, info: { status_details: run.details } }
    if (status === 'queued' || status === 'pinning') {
      // After a restart one that was being pinned may have to wait for its turn again.
      const details = `${Math.max(0, queue.indexOf(request))} requests are before it`
      return { ...request, status: 'queued', info: { status_details: details } }
    }
    const isPinned = this.#options.node.pins.get(parseCid(pin.cid))?.mode === 'recursive'
    if (status === 'failed' || isPinned) return request
    // Anybody may unpin through the Kubo RPC; to say `pinned` then would be a lie.
    const details = 'its pin was removed from the node by somebody else'
    return { ...request, status: 'failed', info: { ...info, status_details: details } }
  }

  #queue(): StoredRequest[] {
    return this.#store.all().filter(({ status, leaving, requestid }) => {
      return (status === 'queued' || status === 'pinning') && !leaving && !this.#runs.has(requestid)
    })
  }

  #next(): void {
    for (const request of this.#queue()) {
      if (this.#stopped || this.#runs.size >= maxRuns) return
      const run: Run = { ending: new AbortController(), done: Promise.resolve(), details: 'begun' }
      this.#runs.set(request.requestid, run)
      run.done = this.#run(request, run).finally(() => {
        this.#runs.delete(request.requestid)
        this.#letGo()
        this.#next()
      })
    }
  }

  async #run(request: StoredRequest, run: Run): Promise<void> {
    const { node, fetch } = this.#options
    const { signal } = run.ending
    try {
      await this.#claims.take(request)
      if (signal.aborted) return
      await this.#store.setState(request.requestid, 'pinning', {})
      const tell = (details: string): void => void (run.details = details)
      const info = await bringPin(request.pin, { node, fetch, signal, tell, isResumed: () => this.#stopped })
      if (!signal.aborted) await this.#store.setState(request.requestid, 'pinned', info)
    } catch (error) {
      // Whoever broke it off goes on from here: a removal, a replacement, or the next start.
      if (!signal.aborted) await this.#fail(request, error)
    }
  }

  async #fail(request: StoredRequest, error: unknown): Promise<void> {
    const { log } = this.#options
    const info = { status_details: toWasmateError(error).message }
    log.warn(`pin request ${request.requestid}: ${describe(error)}`)
    try {
      await this.#store.setState(request.requestid, 'failed', info)
      await this.#claims.release(request.pin.cid)
    } catch (cause) {
      // A disk that takes nothing: it is tried again with the next start.
      this.#store.rememberState(request.requestid, 'failed', info)
      log.error(`pin request ${request.requestid} can't be written: ${describe(cause)}`)
    }
  }

  /** Begins the departure of every request that is leaving and waits for nothing more. */
  #letGo(): void {
    if (this.#stopped) return
    for (const request of this.#store.all()) {
      const { requestid, leaving } = request
      if (!leaving || this.#departures.has(requestid) || this.#isAwaited(request)) continue
      const departure = this.#depart(request).finally(() => this.#departures.delete(requestid))
      this.#departures.set(requestid, departure)
      departure
        .then(() => this.#letGo())
        // It is tried again when another request ends, and with the next start.
        .catch((error: unknown) => this.#options.log.error(`a pin can't be removed: ${describe(error)}`))
    }
  }

  /** Whether the request that replaces it, or the one that replaces that, is still under way. */
  #isAwaited({ leaving }: StoredRequest): boolean {
    let next = leaving?.after === undefined ? undefined : this.#store.get(leaving.after)
    while (next?.leaving?.after !== undefined) next = this.#store.get(next.leaving.after)
    return next !== undefined && !next.leaving && (next.status === 'queued' || next.status === 'pinning')
  }

  async #depart(request: StoredRequest): Promise<void> {
    const run = this.#runs.get(request.requestid)
    run?.ending.abort()
    await run?.done
    await this.#claims.leave(request)
  }
}
