// CARv1 (https://ipld.io/specs/transport/car/carv1/): blocks to a stream, and a stream of foreign bytes to blocks.

import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../base/errors.ts'
import { type Block, isIdentity, maxBlockBytes } from './dag/codecs.ts'

export const carMediaType = 'application/vnd.ipld.car'

const maxHeaderBytes = 1024 * 1024
/** A CID with the longest hash that is known takes 70 bytes. */
const maxCidBytes = 128

export interface CarReader {
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
export async function openCar(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<CarReader> {
  const bytes = new ByteQueue(source)
  const length = await readLength(bytes, 'header', maxHeaderBytes)
  if (length === undefined) throw broken(0, 'it is empty')
  const roots = parseHeader(await bytes.take(length, 'header'))
  return { roots, blocks: readBlocks(bytes) }
}

async function* readBlocks(bytes: ByteQueue): AsyncGenerator<Block> {
  try {
    for (;;) {
      const start = bytes.position
      const length = await readLength(bytes, 'section', maxBlockBytes + maxCidBytes)
      if (length === undefined) return
      yield splitSection(await bytes.take(length, 'section'), start)
    }
  } finally {
    await bytes.close()
  }
}

function splitSection(section: Uint8Array, start: number): Block {
  try {
    const [cid, bytes] = CID.decodeFirst(section)
    return { cid, bytes }
  } catch (error) {
    throw broken(start, `no CID at the start of the section (${describe(error)})`)
  }
}

function parseHeader(bytes: Uint8Array): CID[] {
  let header: unknown
  try {
    header = dagCbor.decode(bytes)
  } catch (error) {
    throw broken(0, `the header is not dag-cbor (${describe(error)})`)
  }
  const { version, roots } = Object(header) as { version?: unknown; roots?: unknown }
  if (version === 2) throw broken(0, 'it is CARv2, only CARv1 is read')
  if (version !== 1) throw broken(0, `the header has version ${String(version)}`)
  if (!Array.isArray(roots)) throw broken(0, 'the header has no roots')
  return roots.map((root) => {
    const cid = CID.asCID(root)
    if (!cid) throw broken(0, 'a root is not a CID')
    return cid
  })
}

/** `undefined` at the end of the stream, which may only come here. */
async function readLength(bytes: ByteQueue, what: string, max: number): Promise<number | undefined> {
  const start = bytes.position
  let value = 0
  // Eight groups of seven bits are more than any length that is allowed.
  for (let shift = 0; shift < 56; shift += 7) {
    const byte = await bytes.next()
    if (byte === undefined && shift === 0) return undefined
    if (byte === undefined) throw broken(start, `it ends within the length of a ${what}`)
    value += (byte & 0x7f) * 2 ** shift
    if (byte >= 0x80) continue
    if (value === 0) throw broken(start, `a ${what} of length 0`)
    if (value > max) throw broken(start, `a ${what} of ${value} bytes, at most ${max} are taken`)
    return value
  }
  throw broken(start, `the length of a ${what} is not a varint`)
}

/** Unsigned LEB128. */
function encodeLength(length: number): Uint8Array {
  const bytes: number[] = []
  let left = length
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80)
  return Uint8Array.from([...bytes, left])
}

function broken(position: number, reason: string): WasmateError {
  return new WasmateError('CAR_INVALID', `at byte ${position}: ${reason}`)
}

/** Takes exact lengths from chunks of any length. */
class ByteQueue {
  position = 0
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #offset = 0

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  async next(): Promise<number | undefined> {
    if (!(await this.#fill())) return undefined
    this.position += 1
    return this.#chunk[this.#offset++]
  }

  /** Own memory, not a view into a chunk; throws CAR_INVALID when the stream ends before. */
  async take(length: number, what: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let left = length; left > 0;) {
      if (!(await this.#fill())) {
        throw broken(this.position, `it ends within a ${what}, ${left} of ${length} bytes are missing`)
      }
      const part = this.#chunk.subarray(this.#offset, this.#offset + left)
      parts.push(part)
      this.#offset += part.length
      this.position += part.length
      left -= part.length
    }
    return Buffer.concat(parts)
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }

  async #fill(): Promise<boolean> {
    while (this.#offset >= this.#chunk.length) {
      const next: IteratorResult<Uint8Array, unknown> = await this.#source.next()
      if (next.done) return false
      this.#chunk = next.value
      this.#offset = 0
    }
    return true
  }
}
