// The registry's events in the order of the chain, each once, however often the chain goes away and comes back,
// and word of it when the chain is no more what it was. What happened is read by getEvents after the cursor;
// a subscription brings what happens from then on.

import { describe } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { pause } from '../base/pause.ts'
import type { Context, RegistryEvent } from '../model.ts'
import { Absence } from './events/absence.ts'
import { type Anchor, type Cursor, Trail } from './events/cursor.ts'
import { type Block, type ChainEvent, Reader } from './events/reader.ts'
import { Subscription } from './events/subscription.ts'
import { type Starknet, loadStarknet } from './starknet.ts'

interface Endpoint {
  rpcUrl: string
  /** Absent: the chain is polled. */
  wsUrl?: string
  address: string
  log: Log
}

export interface FollowOptions extends Endpoint, Context {
  from: Cursor
  signal: AbortSignal
}

export interface WatchOptions extends Endpoint {
  /** Number of the last block of which every event is known; 0 for none. */
  from: number
  signal: AbortSignal
}

/** What has come since the last news. Whoever has taken it may begin from its cursor the next time. */
export type RegistryNews =
  /** `isCaughtUp`: there are no more on the chain for now. */
  | { kind: 'events'; events: RegistryEvent[]; cursor: Cursor; isCaughtUp: boolean }
  /** What was told of blocks after the cursor's is void; what is there instead follows. */
  | { kind: 'reorg'; cursor: Cursor }

/** A chain of this machine, and one that is asked over a network. */
const pollMs = { near: 250, far: 2_000 }
const socketRetryMs = 2_000
/** How long a subscription may be silent before the chain is asked whether it kept something back. */
const silenceMs = 2_000

/** Every event after block `from`, also those that take the place of others. Ends as `followRegistry` does. */
export async function* watchRegistry(options: WatchOptions): AsyncGenerator<RegistryEvent, void> {
  const from = { address: options.address, blockNumber: options.from, anchors: [] }
  for await (const news of followRegistry({ ...options, from })) {
    if (news.kind === 'events') yield* news.events
  }
}

/**
 * Ends when the signal aborts, without an error; while the chain is away it waits, and says so once. A cursor of
 * another registry, or of a chain that is not there any more, begins with a reorg to where they part.
 */
export async function* followRegistry(options: FollowOptions): AsyncGenerator<RegistryNews, void> {
  yield* new Watch(await loadStarknet(), options).run()
}

class Watch {
  readonly #starknet: Starknet
  readonly #options: FollowOptions
  readonly #reader: Reader
  readonly #absence: Absence
  #trail: Trail
  /** What was delivered of blocks after the trail's, by transaction hash and event index. */
  #delivered = new Map<string, number>()
  #isCaughtUp = false
  #nextSocketAt = 0

  constructor(starknet: Starknet, options: FollowOptions) {
    this.#starknet = starknet
    this.#options = options
    this.#reader = new Reader(starknet, options)
    this.#absence = new Absence(options)
    this.#trail = new Trail(options.from)
  }

  async *run(): AsyncGenerator<RegistryNews, void> {
    const { signal, address, from } = this.#options
    if (from.address !== address) yield this.#goBack({ address, blockNumber: 0, anchors: [] })
    while (!signal.aborted) {
      // Subscribed before the past is read: nothing can fall between the two.
      const subscription = await this.#subscribe()
      try {
        yield* this.#catchUp()
        this.#absence.end()
        if (subscription) yield* this.#listen(subscription)
        else await pause(isLoopback(this.#options.rpcUrl) ? pollMs.near : pollMs.far, signal)
      } catch (error) {
        if (signal.aborted) return
        this.#isCaughtUp = false
        await this.#absence.wait(error)
      } finally {
        subscription?.close()
      }
    }
  }

  async #subscribe(): Promise<Subscription | undefined> {
    const { wsUrl, address, signal, log } = this.#options
    if (!wsUrl || performance.now() < this.#nextSocketAt) return undefined
    try {
      const { selectors } = this.#reader
      return await Subscription.open(this.#starknet, { wsUrl, address, selectors, signal })
    } catch (error) {
      if (!signal.aborted) log.debug(`polling, because ${wsUrl} gives no events: ${describe(error)}`)
      this.#nextSocketAt = performance.now() + socketRetryMs
      return undefined
    }
  }

  async *#catchUp(): AsyncGenerator<RegistryNews, void> {
    for (let isDone = false; !isDone;) {
      // News that it is caught up ends the progress that was told meanwhile.
      const head = await this.#absence.during(this.#reader.readHead(), () => (this.#isCaughtUp = false))
      await this.#anchor(head)
      const fork = await this.#trail.findFork((anchor) => this.#reader.isOnChain(anchor, head))
      if (fork !== undefined) {
        this.#options.log.warn(
          `the chain is another one from block ${fork + 1} on: it is read again from there`,
        )
        yield this.#goBackTo(fork)
      }
      if (head.blockNumber > this.#trail.blockNumber) isDone = yield* this.#readUpTo(head)
      else {
        isDone = true
        if (!this.#isCaughtUp) yield this.#news([], true)
      }
    }
  }

  /** Gives false when the chain changed meanwhile: then what was read is void. */
  async *#readUpTo(head: Block): AsyncGenerator<RegistryNews, boolean> {
    const start = this.#trail.toCursor()
    for (let token: string | undefined; ;) {
      const page = await this.#reader.readPage(start.blockNumber + 1, head.blockNumber, token)
      token = page.token
      const events = this.#admit(page.events)
      if (token === undefined) {
        if (!(await this.#reader.isOnChain(head))) break
        this.#trail.arrive(toAnchor(head))
        this.#forgetDelivered()
        yield this.#news(events, true)
        return true
      }
      this.#report(page.events.at(-1)?.block_number ?? start.blockNumber, start.blockNumber, head.blockNumber)
      yield this.#news(events, false)
    }
    yield this.#goBack(start)
    return false
  }

  /** Returns when the subscription is of no more use. */
  async *#listen(subscription: Subscription): AsyncGenerator<RegistryNews, void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      const messages = await subscription.take(silenceMs, signal)
      if (!messages) return
      const reorg = messages.findIndex(
        (message) => 'starting_block_number' in message || this.#isForeign(message),
      )
      const events = this.#admit(messages.slice(0, reorg === -1 ? undefined : reorg) as ChainEvent[])
      if (events.length > 0) yield this.#news(events, true)
      const notice = messages[reorg]
      if (notice && 'starting_block_number' in notice) yield this.#goBackTo(notice.starting_block_number - 1)
      if (notice) return
      if (messages.length > 0) continue
      let missed = false
      for await (const news of this.#catchUp()) {
        missed ||= news.kind === 'reorg' || news.events.length > 0
        yield news
      }
      // A devnet that was restarted behind its socket has forgotten whom to tell.
      if (missed) return
    }
  }

  /** Those that are not known yet; whatever the chain says, none comes twice. */
  #admit(events: ChainEvent[]): RegistryEvent[] {
    const admitted: RegistryEvent[] = []
    for (const event of events) {
      const { block_number: blockNumber, block_hash: blockHash } = event
      const key = `${event.transaction_hash}:${event.event_index}`
      if (blockNumber === undefined || !blockHash) continue
      if (blockNumber <= this.#trail.blockNumber || this.#delivered.has(key)) continue
      this.#delivered.set(key, blockNumber)
      this.#trail.note({ blockNumber, blockHash, transactionHash: event.transaction_hash })
      const decoded = this.#reader.decode(event, { blockNumber, blockHash })
      if (decoded) admitted.push(decoded)
    }
    this.#forgetDelivered()
    return admitted
  }

  #news(events: RegistryEvent[], isCaughtUp: boolean): RegistryNews {
    this.#isCaughtUp = isCaughtUp
    return { kind: 'events', events, cursor: this.#trail.toCursor(), isCaughtUp }
  }

  #goBackTo(blockNumber: number): RegistryNews {
    this.#trail.cutTo(blockNumber)
    return this.#goBack(this.#trail.toCursor())
  }

  #goBack(cursor: Cursor): RegistryNews {
    this.#trail = new Trail(cursor)
    this.#isCaughtUp = false
    this.#delivered.clear()
    return { kind: 'reorg', cursor }
  }

  /** Past the trail's block an event can't come twice. */
  #forgetDelivered(): void {
    for (const [key, block] of this.#delivered)
      if (block <= this.#trail.blockNumber) this.#delivered.delete(key)
  }

  /** A cursor that is only a number gets the hash that goes with it. */
  async #anchor(head: Anchor): Promise<void> {
    const { blockNumber, anchors } = this.#trail.toCursor()
    if (anchors.length > 0 || blockNumber === 0 || blockNumber > head.blockNumber) return
    const block = await this.#reader.findBlock(blockNumber)
    if (block) this.#trail.arrive(toAnchor(block))
  }

  #isForeign({ block_number: blockNumber, block_hash: blockHash }: ChainEvent): boolean {
    return blockNumber !== undefined && !!blockHash && this.#trail.contradicts({ blockNumber, blockHash })
  }

  #report(block: number, from: number, to: number): void {
    const fraction = to > from ? (block - from) / (to - from) : 1
    this.#options.report?.({ doing: `reading events of block ${block} of ${to}`, fraction })
  }
}

function toAnchor({ blockNumber, blockHash, transactionHash, timestamp }: Block): Anchor {
  return { blockNumber, blockHash, transactionHash, timestamp }
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
}
