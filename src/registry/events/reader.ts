// What a chain is asked while its events are followed: its head, the hashes of its blocks, events by page.

import { setMaxListeners } from 'node:events'
import type { RpcProvider } from 'starknet'
import { WasmateError, describe } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { RegistryEvent } from '../../model.ts'
import { type DecodedEvent, type RawEvent, eventDecoders } from '../decode.ts'
import { rpcCode, rpcErrorCode } from '../failure.ts'
import { type Starknet, connectProvider } from '../starknet.ts'
import type { Anchor } from './cursor.ts'

/** An event as the RPC and the subscription give it; without a block it is pre-confirmed. */
export interface ChainEvent extends RawEvent {
  block_number?: number
  block_hash?: string
  transaction_hash: string
  event_index: number
}

export interface Block extends Anchor {
  /** Hashes of its transactions. */
  transactions: string[]
}

export interface Page {
  events: ChainEvent[]
  /** Asks for the next page; absent after the last. */
  token?: string
}

interface ReaderOptions {
  rpcUrl: string
  address: string
  signal: AbortSignal
  log: Log
}

const pageSize = 1_000

export class Reader {
  /** Of the events that are wanted. */
  readonly selectors: string[]
  readonly #options: ReaderOptions
  readonly #provider: RpcProvider
  readonly #decoders: Map<bigint, (event: RawEvent) => DecodedEvent>

  constructor(starknet: Starknet, options: ReaderOptions) {
    this.#options = options
    // Each request listens to it, and a trail is looked at as a whole.
    setMaxListeners(0, options.signal)
    this.#provider = connectProvider(starknet, options.rpcUrl, options.signal)
    const decoders = Object.entries(eventDecoders)
    this.#decoders = new Map(
      decoders.map(([name, decode]) => [starknet.hash.starknetKeccak(name), decode] as const),
    )
    this.selectors = [...this.#decoders.keys()].map((selector) => `0x${selector.toString(16)}`)
  }

  readHead(): Promise<Block> {
    return this.#readBlock('latest')
  }

  /** `undefined` when the chain has no such block. */
  async findBlock(blockNumber: number): Promise<Block | undefined> {
    try {
      return await this.#readBlock(blockNumber)
    } catch (error) {
      if (rpcErrorCode(error) === rpcCode.blockNotFound) return undefined
      throw error
    }
  }

  /** With the head at hand a block of its number, or after it, need not be asked for. */
  async isOnChain(anchor: Anchor, head?: Block): Promise<boolean> {
    const { blockNumber, blockHash, transactionHash, timestamp } = anchor
    if (head && blockNumber > head.blockNumber) return false
    const found = blockNumber === head?.blockNumber ? head : await this.findBlock(blockNumber)
    if (!found || !isEqual(found.blockHash, blockHash)) return false
    if (timestamp !== undefined && found.timestamp !== timestamp) return false
    return transactionHash === undefined || found.transactions.some((hash) => isEqual(hash, transactionHash))
  }

  /** Both ends are included. */
  async readPage(from: number, to: number, token: string | undefined): Promise<Page> {
    const page = await this.#provider.getEvents({
      from_block: { block_number: from },
      to_block: { block_number: to },
      address: this.#options.address,
      keys: [this.selectors],
      chunk_size: pageSize,
      ...(token && { continuation_token: token }),
    })
    const next = page.continuation_token
    return { events: page.events as ChainEvent[], ...(next && { token: next }) }
  }

  async #readBlock(id: number | 'latest'): Promise<Block> {
    const block = await this.#provider.getBlockWithTxHashes(id)
    const { block_number: blockNumber, timestamp, transactions } = block
    const blockHash = 'block_hash' in block ? block.block_hash : undefined
    if (!blockHash) throw new WasmateError('RPC_REFUSED', `block ${id} has no hash yet`)
    return { blockNumber, blockHash, timestamp, transactions, transactionHash: transactions.at(-1) }
  }

  /** `undefined` for what can't be read: it is logged and passed over. */
  decode(event: ChainEvent, { blockNumber, blockHash }: Anchor): RegistryEvent | undefined {
    const { transaction_hash: transactionHash, event_index: eventIndex } = event
    try {
      const decoded = this.#decoders.get(BigInt(event.keys[0] ?? 0))?.(event)
      return decoded && { ...decoded, blockNumber, blockHash, transactionHash, eventIndex }
    } catch (error) {
      this.#options.log.warn(`an event of ${transactionHash} was passed over: ${describe(error)}`)
      return undefined
    }
  }
}

function isEqual(a: string, b: string): boolean {
  return BigInt(a) === BigInt(b)
}
