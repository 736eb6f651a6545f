// A CAR as it arrives, believed block by block: each is the next one that is wanted, or one that was there before.
// Section names are those of https://specs.ipfs.tech/http-gateways/trustless-gateway/

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { openCar } from '../car.ts'
import { type Block, verifyBlock } from '../dag/codecs.ts'
import type { Watch } from './watch.ts'

/** The other side gives no CAR that can be read in order; it may give blocks. */
export class CarRefusedError extends Error {
  override readonly name = 'CarRefusedError'
}

export interface StreamOptions {
  gateway: string
  watch: Watch
  source: AsyncIterable<Uint8Array>
  /** Whether the gateway said that the order is depth first. */
  isOrdered: boolean
  isSeen: (cid: CID) => boolean
  /** Bytes that may come again. */
  maxRepeatedBytes: number
}

/** The roots that the CAR itself names are not looked at (section "CAR roots"). */
export class CarStream {
  readonly gateway: string
  readonly #options: StreamOptions
  #blocks: AsyncGenerator<Block> | undefined
  #repeatedBytes = 0

  constructor(options: StreamOptions) {
    this.gateway = options.gateway
    this.#options = options
  }

  /**
   * The wanted block, which must come next. Throws BLOCK_MISMATCH for another one or other bytes, CAR_INVALID for
   * a stream that is malformed or ends too soon, CarRefusedError for one in an order that was not promised,
   * SilenceError; the stream is over then.
   */
  async take(wanted: CID): Promise<Block> {
    const { watch } = this.#options
    try {
      return await watch.wait(this.#take(wanted))
    } catch (cause) {
      this.close()
      throw watch.explain(cause)
    }
  }

  close(): void {
    this.#options.watch.end()
  }

  async #take(wanted: CID): Promise<Block> {
    this.#blocks ??= await openBlocks(this.#options.source)
    for (;;) {
      const next: IteratorResult<Block, unknown> = await this.#blocks.next()
      if (next.done) throw new WasmateError('CAR_INVALID', `it ends before block ${wanted.toString()}`)
      const block = next.value
      if (wanted.equals(block.cid)) {
        verifyBlock(block)
        return block
      }
      this.#passRepeated(block, wanted)
    }
  }

  /** Section "CAR dups": a block that was there may come again wherever it occurs, in a small DAG for ever. */
  #passRepeated({ cid, bytes }: Block, wanted: CID): void {
    const { isSeen, isOrdered, maxRepeatedBytes } = this.#options
    if (!isSeen(cid)) {
      const detail = `block ${cid.toString()} where ${wanted.toString()} must come`
      if (isOrdered) throw new WasmateError('BLOCK_MISMATCH', detail)
      // Section "CAR order": without the parameter nothing is promised, so this is no lie.
      throw new CarRefusedError(`${detail}, in an order that is not declared`)
    }
    this.#repeatedBytes += cid.bytes.length + bytes.length
    if (this.#repeatedBytes > maxRepeatedBytes) {
      throw new WasmateError('BLOCK_MISMATCH', `block ${cid.toString()} comes again and again`)
    }
  }
}

async function openBlocks(source: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Block>> {
  const { version, blocks } = await openCar(source)
  // Section "CAR version": 1 was asked for. What may stand behind the blocks of a CARv2 could go on for ever.
  if (version !== 1) throw new WasmateError('CAR_INVALID', `CARv${version} where CARv1 was asked for`)
  return blocks
}
