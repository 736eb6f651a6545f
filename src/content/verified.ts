// A CAR stream of one DAG, believed block by block: order, hash, size and completeness.
// https://specs.ipfs.tech/http-gateways/trustless-gateway/#car-responses-application-vnd-ipld-car

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../base/errors.ts'
import { openCar } from './car.ts'
import { type Block, dagKeyOf, isIdentity, linksOf, verifyBlock } from './dag/codecs.ts'

/**
 * Yields the blocks of the DAG under `root` as they arrive, depth first. The roots that the CAR itself names
 * are not looked at (section "CAR roots"). Throws BLOCK_MISMATCH for a block that is wrong, out of order or too
 * many, CAR_INVALID for a stream that is malformed or ends too soon, CODEC_UNSUPPORTED for one it can't check.
 */
export async function* verifyCar(root: CID, source: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  const expected = new Expected(root)
  const { blocks } = await openCar(source)
  for await (const block of blocks) {
    expected.take(block)
    yield block
  }
  expected.end()
}

/** What must come next in depth-first order, whether duplicates are sent again (`dups=y`) or not (`dups=n`). */
class Expected {
  readonly #stack: CID[]
  readonly #seen = new Set<string>()

  constructor(root: CID) {
    this.#stack = [root]
  }

  take(block: Block): void {
    const arrived = block.cid.toString()
    const wanted = this.#next(block.cid)?.toString()
    if (wanted === undefined) throw new WasmateError('BLOCK_MISMATCH', `block ${arrived} is one too many`)
    if (wanted !== arrived)
      throw new WasmateError('BLOCK_MISMATCH', `block ${arrived} where ${wanted} must come`)
    verifyBlock(block)
    this.#seen.add(dagKeyOf(block.cid))
    this.#stack.push(...linksOf(block).reverse())
  }

  end(): void {
    const missing = this.#next(undefined)
    if (missing) throw new WasmateError('CAR_INVALID', `it ends before block ${missing.toString()}`)
  }

  /** Identity blocks never travel; a block that was seen need not come again, but may. */
  #next(arrived: CID | undefined): CID | undefined {
    for (let cid = this.#stack.pop(); cid; cid = this.#stack.pop()) {
      if (isIdentity(cid)) this.#stack.push(...linksOf({ cid, bytes: cid.multihash.digest }).reverse())
      else if (arrived?.equals(cid) || !this.#seen.has(dagKeyOf(cid))) return cid
    }
    return undefined
  }
}
