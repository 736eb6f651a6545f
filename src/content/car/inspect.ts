// A CAR read to its end whatever is wrong within it: each block is judged by itself, then the DAGs under its roots.

import { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../../base/errors.ts'
import { codecOf, isIdentity, linksOf, matches, maxBlockBytes } from '../dag/codecs.ts'
import { BrokenCarError, ByteQueue, type ByteSource, maxCidBytes, readLength } from './bytes.ts'
import { type Completeness, LinkGraph, type SomeCids } from './graph.ts'
import { type OuterHeader, readHeader, readTail } from './header.ts'
import { splitSection } from './section.ts'

/** What can be wrong with a block: all but the last two leave it damaged or unknowable, those are odd but harmless. */
export type BlockFault =
  | 'no-cid'
  | 'hash-differs'
  | 'hash-unknown'
  | 'malformed'
  | 'oversize'
  | 'codec-unknown'
  | 'duplicate'
  | 'identity'

export interface InspectedBlock {
  /** Counts from 0. */
  index: number
  /** Bytes from the start of the file to the section, its length included. */
  offset: number
  /** Absent: the section does not begin with one. */
  cid?: CID
  /** Of the block alone. */
  bytes: number
  fault?: BlockFault
  /** What is particular to the fault. */
  detail?: string
}

export interface CarReport {
  version?: 1 | 2
  roots: { cid: CID; state: Completeness }[]
  /** Sections that could be read, damaged ones included. */
  blockCount: number
  /** Of their blocks alone. */
  blockBytes: number
  /** Of the whole file, as far as it could be read. */
  bytes: number
  faults: Partial<Record<BlockFault, number>>
  /** CIDs that the roots lead to and that are not there, or not in good order. */
  missing: SomeCids
  /** CIDs that are there and that no root leads to. */
  unreachable: SomeCids
  /** Where nothing can be read any more, and why. */
  broken?: { offset: number; reason: string }
  /** Every block is what its CID says, and nothing is broken. */
  intact: boolean
  /** Each root has all of its DAG here; a CAR without roots has nothing to be complete. */
  complete: boolean
}

export interface InspectOptions {
  signal?: AbortSignal
  /** Told of each block as it comes. */
  tell?: (block: InspectedBlock) => void
  /** Told of each section how far it has come. */
  onBytes?: (bytes: number) => void
}

const harmless = new Set<BlockFault>(['duplicate', 'identity'])

/**
 * Never throws because of what is in the CAR. CIDs are kept, bytes are not: memory stays at one block and some 200
 * bytes for each link.
 */
export async function inspectCar(source: ByteSource, options: InspectOptions = {}): Promise<CarReport> {
  const bytes = new ByteQueue(source)
  const inspection = new Inspection(options)
  try {
    const header = await readHeader(bytes)
    inspection.begin(header.version, header.roots)
    await readSections(bytes, inspection, options, header.outer)
  } catch (error) {
    if (!(error instanceof BrokenCarError)) throw error
    inspection.breakOff(error)
  } finally {
    await bytes.close()
  }
  return inspection.end(bytes.position)
}

async function readSections(
  bytes: ByteQueue,
  inspection: Inspection,
  { signal, onBytes }: InspectOptions,
  outer: OuterHeader | undefined,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const offset = bytes.position
    const length = await readLength(bytes, 'section', Number.MAX_SAFE_INTEGER)
    if (length === undefined) break
    const isTooLong = length > maxBlockBytes + maxCidBytes
    const section = await bytes.take(isTooLong ? maxCidBytes : length, 'section')
    // Its own length may be the lie: then it ends here, and where it began is what there is to say.
    if (isTooLong) await bytes.skip(length - maxCidBytes, 'section')
    inspection.section(section, offset, length)
    onBytes?.(bytes.position)
  }
  if (outer) await readTail(bytes, outer)
}

/** Gathers what is found. */
class Inspection {
  readonly #tell: InspectOptions['tell']
  readonly #graph = new LinkGraph()
  readonly #faults: CarReport['faults'] = {}
  #version: 1 | 2 | undefined
  #roots: CID[] = []
  #count = 0
  #bytes = 0
  #withoutCid: number | undefined
  #broken: CarReport['broken']

  constructor({ tell }: InspectOptions) {
    this.#tell = tell
  }

  begin(version: 1 | 2, roots: CID[]): void {
    this.#version = version
    this.#roots = roots
    for (const root of roots) this.#addIdentity(root)
  }

  breakOff({ offset, reason }: BrokenCarError): void {
    this.#broken = { offset, reason }
  }

  /** `section` may be only the beginning of one that is longer than any block. */
  section(section: Uint8Array, offset: number, length: number): void {
    const found = this.#judge(section, length)
    const block: InspectedBlock = { index: this.#count, offset, ...found }
    this.#count += 1
    this.#bytes += block.bytes
    if (block.fault) this.#faults[block.fault] = (this.#faults[block.fault] ?? 0) + 1
    this.#tell?.(block)
    if (block.cid) this.#withoutCid = undefined
    else if (this.#withoutCid === undefined) this.#withoutCid = offset
    else {
      const reason = 'two sections in a row without a CID: the lengths are wrong from here on'
      throw new BrokenCarError(this.#withoutCid, reason)
    }
  }

  end(position: number): CarReport {
    const faults = this.#faults
    const states = this.#graph.completenessOf(this.#roots)
    const isIntact = Object.keys(faults).every((fault) => harmless.has(fault as BlockFault))
    return {
      ...(this.#version && { version: this.#version }),
      roots: this.#roots.map((cid, index) => ({ cid, state: states[index] ?? 'unknown' })),
      blockCount: this.#count,
      blockBytes: this.#bytes,
      bytes: position,
      faults,
      ...this.#graph.compare(this.#roots),
      ...(this.#broken && { broken: this.#broken }),
      intact: isIntact && !this.#broken,
      complete: states.every((state) => state === 'complete'),
    }
  }

  #judge(section: Uint8Array, length: number): Omit<InspectedBlock, 'index' | 'offset'> {
    let cid: CID
    let bytes: Uint8Array
    try {
      const found = splitSection(section)
      // Own memory: a CID that is kept must not keep its block.
      cid = CID.decode(Uint8Array.from(found.cid.bytes))
      bytes = found.bytes
    } catch (error) {
      return { bytes: length, fault: 'no-cid', detail: describe(error) }
    }
    const size = length - cid.bytes.length
    if (length > section.length) {
      return { cid, bytes: size, fault: 'oversize', detail: `at most ${maxBlockBytes} bytes are taken` }
    }
    return { cid, bytes: size, ...this.#judgeBlock(cid, bytes) }
  }

  #judgeBlock(cid: CID, bytes: Uint8Array): { fault?: BlockFault; detail?: string } {
    const wrong = judgeHash(cid, bytes)
    if (wrong?.fault === 'hash-differs') return wrong
    if (isIdentity(cid)) return { fault: 'identity', detail: 'its CID holds it already' }
    if (this.#graph.has(cid)) return { fault: 'duplicate' }
    if (wrong) {
      this.#graph.add(cid, 'opaque', [])
      return wrong
    }
    const links = readLinks(cid, bytes)
    if (!Array.isArray(links)) {
      this.#graph.add(cid, 'opaque', [])
      return links
    }
    this.#graph.add(cid, 'good', links)
    for (const link of links) this.#addIdentity(link)
    return {}
  }

  /** An identity CID brings its block along. */
  #addIdentity(cid: CID): void {
    const stack = [cid]
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (!isIdentity(next) || this.#graph.has(next)) continue
      const links = readLinks(next, next.multihash.digest)
      if (Array.isArray(links)) stack.push(...links)
      this.#graph.add(next, Array.isArray(links) ? 'good' : 'opaque', Array.isArray(links) ? links : [])
    }
  }
}

function readLinks(cid: CID, bytes: Uint8Array): CID[] | { fault: BlockFault; detail: string } {
  try {
    codecOf(cid.code)
  } catch (error) {
    return { fault: 'codec-unknown', detail: reasonOf(error) }
  }
  try {
    return linksOf({ cid, bytes })
  } catch (error) {
    return { fault: 'malformed', detail: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof WasmateError && error.detail) || describe(error)
}

function judgeHash(cid: CID, bytes: Uint8Array): { fault: BlockFault; detail: string } | undefined {
  const { code } = cid.multihash
  try {
    return matches({ cid, bytes })
      ? undefined
      : { fault: 'hash-differs', detail: 'the bytes are not those of its CID' }
  } catch {
    // The one thing it throws for.
    return { fault: 'hash-unknown', detail: `hash 0x${code.toString(16)} can't be checked` }
  }
}
