// The registry's events in the order of the chain, each once, however often the chain goes away and comes back.
// What happened is read by getEvents after the cursor; a subscription brings what happens from then on.

import { setTimeout as sleep } from 'node:timers/promises'
import type { RpcProvider } from 'starknet'
import { describe } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { RegistryEvent } from '../model.ts'
import { decodeCurrentChanged, decodePublished } from './decode.ts'
import { type Starknet, connectProvider, loadStarknet } from './starknet.ts'
import { type ChainEvent, Subscription } from './subscription.ts'

export interface WatchOptions {
  rpcUrl: string
  /** Absent: the chain is polled. */
  wsUrl?: string
  address: string
  /** Number of the last block of which every event is known; 0 for none. */
  from: number
  signal: AbortSignal
  log: Log
}

const pollMs = 250
const retryMs = 500
const socketRetryMs = 2_000
/** How long a subscription may be silent before the chain is asked whether it kept something back. */
const silenceMs = 2_000
const pageSize = 1_000

/**
 * Ends when the signal aborts, without an error; while the chain is away it waits. The block of an event is
 * complete once an event of a later block has come: until then a cursor of one block less loses nothing.
 */
export async function* watchRegistry(options: WatchOptions): AsyncGenerator<RegistryEvent, void> {
  const starknet = await loadStarknet()
  yield* new Watch(starknet, options).run()
}

class Watch {
  readonly #starknet: Starknet
  readonly #options: WatchOptions
  readonly #provider: RpcProvider
  readonly #decoders: Map<bigint, typeof decodePublished | typeof decodeCurrentChanged>
  readonly #selectors: string[]
  /** The last block that is done with. */
  #cursor: number
  /** What was delivered of later blocks, by transaction hash and event index. */
  #delivered = new Map<string, number>()
  #nextSocketAt = 0
  #complaint = ''

  constructor(starknet: Starknet, options: WatchOptions) {
    const { getSelectorFromName } = starknet.hash
    const published = getSelectorFromName('FunctionPublished')
    const currentChanged = getSelectorFromName('CurrentChanged')
    this.#starknet = starknet
    this.#options = options
    this.#provider = connectProvider(starknet, options.rpcUrl, options.signal)
    this.#selectors = [published, currentChanged]
    this.#decoders = new Map<bigint, typeof decodePublished | typeof decodeCurrentChanged>([
      [BigInt(published), decodePublished],
      [BigInt(currentChanged), decodeCurrentChanged],
    ])
    this.#cursor = options.from
  }

  async *run(): AsyncGenerator<RegistryEvent, void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      // Subscribed before the past is read: nothing can fall between the two.
      const subscription = await this.#subscribe()
      try {
        yield* this.#catchUp()
        this.#complain('')
        if (subscription) yield* this.#follow(subscription)
        else await sleep(pollMs, undefined, { signal })
      } catch (error) {
        if (signal.aborted) return
        this.#complain(`events wait for the chain: ${describe(error)}`)
        await sleep(retryMs, undefined, { signal }).catch(() => undefined)
      } finally {
        subscription?.close()
      }
    }
  }

  async #subscribe(): Promise<Subscription | undefined> {
    const { wsUrl, address, signal, log } = this.#options
    if (!wsUrl || performance.now() < this.#nextSocketAt) return undefined
    try {
      return await Subscription.open(this.#starknet, { wsUrl, address, selectors: this.#selectors, signal })
    } catch (error) {
      if (!signal.aborted) log.debug(`polling, because ${wsUrl} gives no events: ${describe(error)}`)
      this.#nextSocketAt = performance.now() + socketRetryMs
      return undefined
    }
  }

  async *#catchUp(): AsyncGenerator<RegistryEvent, void> {
    const latest = await this.#provider.getBlockNumber()
    if (latest < this.#cursor)
      this.#complain(`the chain is at block ${latest} and was at ${this.#cursor} before`)
    if (latest <= this.#cursor) return
    let token: string | undefined
    do {
      const page = await this.#provider.getEvents({
        from_block: { block_number: this.#cursor + 1 },
        to_block: { block_number: latest },
        address: this.#options.address,
        keys: [this.#selectors],
        chunk_size: pageSize,
        ...(token && { continuation_token: token }),
      })
      for (const event of page.events) yield* this.#deliver(event as ChainEvent)
      token = page.continuation_token
    } while (token)
    this.#moveTo(latest)
  }

  /** Returns when the subscription is of no more use. */
  async *#follow(subscription: Subscription): AsyncGenerator<RegistryEvent, void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      const messages = await subscription.take(silenceMs, signal)
      if (!messages) return
      for (const message of messages) {
        if ('starting_block_number' in message) return this.#goBack(message.starting_block_number)
        yield* this.#deliver(message)
        if (message.block_number !== undefined) this.#moveTo(message.block_number - 1)
      }
      if (messages.length > 0) continue
      let missed = false
      for await (const event of this.#catchUp()) {
        missed = true
        yield event
      }
      // A devnet that was restarted behind its socket has forgotten whom to tell.
      if (missed) return
    }
  }

  *#deliver(event: ChainEvent): Generator<RegistryEvent, void> {
    const { block_number: blockNumber, transaction_hash: transactionHash, event_index: eventIndex } = event
    const key = `${transactionHash}:${eventIndex}`
    if (blockNumber === undefined || blockNumber <= this.#cursor || this.#delivered.has(key)) return
    this.#delivered.set(key, blockNumber)
    const decoded = this.#decode(event)
    if (decoded)
      yield { ...decoded, blockNumber, blockHash: event.block_hash ?? '', transactionHash, eventIndex }
  }

  #decode(event: ChainEvent): ReturnType<typeof decodePublished | typeof decodeCurrentChanged> | undefined {
    try {
      return this.#decoders.get(BigInt(event.keys[0] ?? 0))?.(event)
    } catch (error) {
      this.#options.log.warn(`an event of ${event.transaction_hash} was passed over: ${describe(error)}`)
      return undefined
    }
  }

  #moveTo(blockNumber: number): void {
    if (blockNumber <= this.#cursor) return
    this.#cursor = blockNumber
    for (const [key, block] of this.#delivered) if (block <= blockNumber) this.#delivered.delete(key)
  }

  /** Aborted blocks come again with other transactions. */
  #goBack(startingBlock: number): void {
    this.#cursor = Math.min(this.#cursor, startingBlock - 1)
  }

  /** Says a thing once, until it is over. */
  #complain(complaint: string): void {
    if (complaint && complaint !== this.#complaint) this.#options.log.warn(complaint)
    this.#complaint = complaint
  }
}
