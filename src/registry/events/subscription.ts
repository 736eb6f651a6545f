// One subscription to the registry's events over one socket. It never reconnects by itself:
// who follows it has to read what it missed first, and knows from where.

import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocketChannel } from 'starknet'
import type { Starknet } from '../starknet.ts'
import type { ChainEvent } from './reader.ts'

/** Blocks from this number on are no longer what they were. */
export interface Reorg {
  starting_block_number: number
}

export interface SubscriptionOptions {
  wsUrl: string
  address: string
  /** Selectors of the events that are wanted. */
  selectors: string[]
  signal: AbortSignal
}

const openTimeoutMs = 5_000

export class Subscription {
  readonly #channel: WebSocketChannel
  #messages: (ChainEvent | Reorg)[] = []
  #closed = false
  #wake: () => void = () => undefined

  private constructor(channel: WebSocketChannel) {
    this.#channel = channel
    channel.on('close', () => this.#end())
  }

  /** Connects and subscribes; the events of the latest block come first, again. */
  static async open(starknet: Starknet, options: SubscriptionOptions): Promise<Subscription> {
    const { wsUrl, address, selectors, signal } = options
    signal.throwIfAborted()
    const channel = new starknet.WebSocketChannel({
      nodeUrl: wsUrl,
      autoReconnect: false,
      requestTimeout: openTimeoutMs,
    })
    const subscription = new Subscription(channel)
    try {
      await subscription.#whileOpening(signal, async () => {
        await channel.waitForConnection()
        const events = await channel.subscribeEvents({
          fromAddress: address,
          keys: [selectors],
          finalityStatus: 'ACCEPTED_ON_L2',
        })
        // A reorganisation comes to the same handler, whatever the types say.
        events.on((message: ChainEvent | Reorg) => subscription.#receive(message))
      })
      return subscription
    } catch (error) {
      subscription.close()
      throw error
    }
  }

  /** What has come since the last call, waiting up to `waitMs` for something; `undefined` once it is closed. */
  async take(waitMs: number, signal: AbortSignal): Promise<(ChainEvent | Reorg)[] | undefined> {
    if (this.#messages.length === 0 && !this.#closed) await this.#wait(waitMs, signal)
    const messages = this.#messages.splice(0)
    return messages.length === 0 && this.#closed ? undefined : messages
  }

  close(): void {
    if (!this.#closed) this.#channel.disconnect()
    this.#end()
  }

  #receive(message: ChainEvent | Reorg): void {
    this.#messages.push(message)
    this.#wake()
  }

  #end(): void {
    this.#closed = true
    this.#wake()
  }

  async #wait(waitMs: number, signal: AbortSignal): Promise<void> {
    const timer = new AbortController()
    this.#wake = () => timer.abort()
    signal.addEventListener('abort', this.#wake)
    await sleep(waitMs, undefined, { signal: timer.signal }).catch(() => undefined)
    signal.removeEventListener('abort', this.#wake)
    this.#wake = () => undefined
  }

  /** A socket that accepts and then says nothing must not hold up the polling. */
  async #whileOpening(signal: AbortSignal, open: () => Promise<void>): Promise<void> {
    let opened = false
    const opening = open().then(() => {
      opened = true
      this.#wake()
    })
    opening.catch(() => this.#wake())
    await this.#wait(openTimeoutMs, signal)
    if (!opened) this.close()
    signal.throwIfAborted()
    if (!opened) await Promise.race([opening, Promise.reject(new Error('the socket does not open'))])
  }
}
