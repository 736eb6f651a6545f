// CAR (https://ipld.io/specs/transport/car/): blocks to a stream of version 1, and a stream of foreign bytes of
// version 1 or 2 to blocks.

import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { describe } from '../base/errors.ts'
import {
  BrokenCarError,
  ByteQueue,
  type ByteSource,
  encodeLength,
  maxCidBytes,
  readLength,
} from './car/bytes.ts'
import { type CarHeader, readHeader, readTail } from './car/header.ts'
import { splitSection } from './car/section.ts'
import { type Block, isIdentity, maxBlockBytes } from './dag/codecs.ts'

export const carMediaType = 'application/vnd.ipld.car'

export interface CarReader {
  version: 1 | 2
  roots: CID[]
  /** Hashes are not verified here. Throws CAR_INVALID with the position where it breaks. */
  blocks: AsyncGenerator<Block>
}

/** Blocks in the order they come; identity blocks are left out, since their CID holds them. */
export async function* encodeCar(
  roots: CID[],
  blocks: AsyncIterable<Block> | Iterable<Block>,
): AsyncGenerator<Uint8Array> {
  const header = dagCbor.encode({ roots, version: 1 })
  yield Buffer.concat([encodeLength(header.length), header])
  for await (const { cid, bytes } of blocks) {
    if (isIdentity(cid)) continue
    yield Buffer.concat([encodeLength(cid.bytes.length + bytes.length), cid.bytes, bytes])
  }
}

/** Reads the header; throws CAR_INVALID. Memory stays at one block, whatever lengths the stream claims. */
export async function openCar(source: ByteSource): Promise<CarReader> {
  const bytes = new ByteQueue(source)
  try {
    const header = await readHeader(bytes)
    return { version: header.version, roots: header.roots, blocks: readBlocks(bytes, header) }
  } catch (error) {
    await bytes.close()
    throw error
  }
}

async function* readBlocks(bytes: ByteQueue, { outer }: CarHeader): AsyncGenerator<Block> {
  try {
    for (;;) {
      const start = bytes.position
      const length = await readLength(bytes, 'section', maxBlockBytes + maxCidBytes)
      if (length === undefined) break
      yield readSection(await bytes.take(length, 'section'), start)
    }
    if (outer) await readTail(bytes, outer)
  } finally {
    await bytes.close()
  }
}

function readSection(section: Uint8Array, start: number): Block {
  try {
    return splitSection(section)
  } catch (error) {
    throw new BrokenCarError(start, `no CID at the start of the section (${describe(error)})`)
  }
}
