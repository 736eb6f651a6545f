// What stands before the blocks of a CAR: the header of CARv1, and around it the pragma and header of CARv2
// (https://ipld.io/specs/transport/car/carv2/, whose sections are named here).

import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { describe } from '../../base/errors.ts'
import { BrokenCarError, type ByteQueue, readLength } from './bytes.ts'

const maxHeaderBytes = 1024 * 1024
/** More than any alignment needs, and little enough that a stream of nothing ends. */
const maxPaddingBytes = 64 * 1024 * 1024
/** Section "Pragma", after its first byte, which is the length. */
const pragma = Buffer.from('a16776657273696f6e02', 'hex')
/** Section "Header": characteristics (16 bytes), data offset, data size, index offset (8 each). */
const fixedBytes = 40
const firstDataOffset = 1 + pragma.length + fixedBytes

export interface CarHeader {
  version: 1 | 2
  roots: CID[]
  /** CARv2 alone. */
  outer?: OuterHeader
}

/** All in bytes from the start of the stream. */
export interface OuterHeader {
  dataOffset: number
  dataEnd: number
  /** 0: there is no index. */
  indexOffset: number
}

/** Leaves the queue before the first section, and ending with the last. Throws CAR_INVALID. */
export async function readHeader(bytes: ByteQueue): Promise<CarHeader> {
  const first = await readInner(bytes)
  if (Array.isArray(first)) return { version: 1, roots: first }
  const outer = await readOuter(bytes)
  const gap = outer.dataOffset - bytes.position
  if (gap > maxPaddingBytes) {
    throw new BrokenCarError(
      bytes.position,
      `the data begins ${gap} bytes on, at most ${maxPaddingBytes} are skipped`,
    )
  }
  await bytes.skip(gap, 'padding before the data')
  bytes.endAt(outer.dataEnd)
  const roots = await readInner(bytes)
  // Section "CARv1 data payload": a version of strictly 1.
  if (!Array.isArray(roots))
    throw new BrokenCarError(outer.dataOffset, 'the data of the CARv2 is a CARv2 again')
  return { version: 2, roots, outer }
}

/** Checks that what CARv2 promised behind its data is there; the index itself is not needed to read in order. */
export async function readTail(bytes: ByteQueue, { dataEnd, indexOffset }: OuterHeader): Promise<void> {
  if (bytes.position < dataEnd) {
    throw new BrokenCarError(
      bytes.position,
      `it ends, but its header says that the data goes on to byte ${dataEnd}`,
    )
  }
  bytes.endAt(Infinity)
  await bytes.drain()
  if (indexOffset >= bytes.position && indexOffset > 0) {
    throw new BrokenCarError(
      bytes.position,
      `it ends before the index, which is said to be at byte ${indexOffset}`,
    )
  }
}

/** The roots, or what tells that it is CARv2. */
async function readInner(bytes: ByteQueue): Promise<CID[] | 'pragma'> {
  const start = bytes.position
  const length = await readLength(bytes, 'header', maxHeaderBytes)
  if (length === undefined)
    throw new BrokenCarError(start, start === 0 ? 'it is empty' : 'it ends before the header')
  const header = await bytes.take(length, 'header')
  return pragma.equals(header) ? 'pragma' : parseInner(header, start)
}

function parseInner(bytes: Uint8Array, start: number): CID[] {
  let header: unknown
  try {
    header = dagCbor.decode(bytes)
  } catch (error) {
    throw new BrokenCarError(start, `the header is not dag-cbor (${describe(error)})`)
  }
  const { version, roots } = Object(header) as { version?: unknown; roots?: unknown }
  // Section "Pragma": CARv2 begins with these very bytes and no others that mean the same.
  if (version === 2) throw new BrokenCarError(start, 'it says version 2 but has not the pragma of CARv2')
  if (version !== 1) throw new BrokenCarError(start, `the header has version ${String(version)}`)
  if (!Array.isArray(roots)) throw new BrokenCarError(start, 'the header has no roots')
  return roots.map((root) => {
    const cid = CID.asCID(root)
    if (!cid) throw new BrokenCarError(start, 'a root is not a CID')
    // The decoder also takes a version 0 that is written out: a CIDv0 is its hash alone, after dag-cbor's zero.
    if (cid.version === 0 && !Buffer.from(bytes).includes(Buffer.concat([Buffer.of(0), cid.bytes]))) {
      throw new BrokenCarError(start, 'a root is no CID of version 0 or 1')
    }
    return cid
  })
}

/** The characteristics are not looked at: the one there is speaks of the index. */
async function readOuter(bytes: ByteQueue): Promise<OuterHeader> {
  const start = bytes.position
  const header = Buffer.from(await bytes.take(fixedBytes, 'CARv2 header'))
  const [dataOffset, dataSize, indexOffset] = [16, 24, 32].map((at) => Number(header.readBigUInt64LE(at)))
  if (dataOffset === undefined || dataSize === undefined || indexOffset === undefined) {
    throw new BrokenCarError(start, 'the CARv2 header is too short')
  }
  if (dataOffset === 0 && dataSize === 0) {
    throw new BrokenCarError(
      start,
      'the CARv2 header says nothing of its data: its writing was never finished',
    )
  }
  if (dataOffset < firstDataOffset) {
    throw new BrokenCarError(
      start,
      `the data of the CARv2 would begin at byte ${dataOffset}, within its header`,
    )
  }
  const dataEnd = dataOffset + dataSize
  if (!Number.isSafeInteger(dataEnd) || !Number.isSafeInteger(indexOffset)) {
    throw new BrokenCarError(start, 'the CARv2 header has offsets that no file reaches')
  }
  // Section "Index payload": it must be after the end of the data.
  if (indexOffset > 0 && indexOffset < dataEnd) {
    throw new BrokenCarError(
      start,
      `the index of the CARv2 would begin at byte ${indexOffset}, within its data`,
    )
  }
  return { dataOffset, dataEnd, indexOffset }
}
