// From a root through its DAG: all blocks depth first, or those along a path.

import { UnixFS } from 'ipfs-unixfs'
import { walkPath } from 'ipfs-unixfs-exporter'
import { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../../base/errors.ts'
import {
  type Block,
  type BlockReader,
  codecOf,
  dagKeyOf,
  decodeBlock,
  decodeNode,
  linksOf,
} from './codecs.ts'

/** `undefined` when the block is not there. Throws what the reader throws beside CONTENT_NOT_FOUND. */
export async function readIfHere(reader: BlockReader, cid: CID): Promise<Uint8Array | undefined> {
  try {
    return await reader.get(cid)
  } catch (error) {
    if (error instanceof WasmateError && error.code === 'CONTENT_NOT_FOUND') return undefined
    throw error
  }
}

export interface WalkOptions {
  signal?: AbortSignal
  /** Yield a block each time it occurs, not only the first time. */
  duplicates?: boolean
}

/** Depth first, parents before children, in link order. Identity blocks are yielded too. */
export async function* walkDag(
  reader: BlockReader,
  root: CID,
  { signal, duplicates = false }: WalkOptions = {},
): AsyncGenerator<Block> {
  const stack = [root]
  const seen = new Set<string>()
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    signal?.throwIfAborted()
    const key = dagKeyOf(cid)
    if (!duplicates && seen.has(key)) continue
    seen.add(key)
    const block = { cid, bytes: await reader.get(cid) }
    // No spread: a block may have more links than a call takes arguments.
    for (const link of linksOf(block).reverse()) stack.push(link)
    yield block
  }
}

export interface ResolvedPath {
  /** Blocks needed to verify the path, without that of `cid`. */
  blocks: Block[]
  /** Where the path ends. */
  cid: CID
  /** Where each segment begins, and the end. */
  roots: CID[]
  /** Segments that lie inside the block of `cid` (dag-cbor and dag-json only). */
  rest: string[]
}

/** Follows names through directories and keys through dag-cbor or dag-json; throws CONTENT_NOT_FOUND. */
export async function resolvePath(reader: BlockReader, root: CID, segments: string[]): Promise<ResolvedPath> {
  const blocks: Block[] = []
  const roots = [root]
  let cid = root
  let rest = segments
  while (rest.length > 0) {
    const block = { cid, bytes: await reader.get(cid) }
    const step = isShard(block) ? await stepShard(reader, block, rest) : stepBlock(block, rest)
    if (!step.cid) return { blocks, cid, roots, rest }
    blocks.push(block, ...step.through)
    cid = step.cid
    rest = step.rest
    roots.push(cid)
  }
  return { blocks, cid, roots, rest }
}

interface Step {
  /** Absent: the path ends inside this block. */
  cid: CID | undefined
  rest: string[]
  through: Block[]
}

function stepBlock(block: Block, segments: string[]): Step {
  const [name = '', ...rest] = segments
  if (block.cid.code === 0x70) {
    const link = decodeNode(block).Links.find((candidate) => candidate.Name === name)
    if (!link) throw noLink(name, block.cid)
    return { cid: link.Hash, rest, through: [] }
  }
  let value = decodeBlock(block, codecOf(block.cid.code))
  for (const [index, key] of segments.entries()) {
    value = memberOf(value, key)
    if (value === undefined) throw noLink(key, block.cid)
    const link = CID.asCID(value)
    if (link) return { cid: link, rest: segments.slice(index + 1), through: [] }
  }
  return { cid: undefined, rest: segments, through: [] }
}

/** A member of a decoded value, or `undefined`. */
export function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
  return Object.hasOwn(value, key) ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined
}

/** Only the exporter knows how names spread over the shards of a large directory. */
async function stepShard(reader: BlockReader, block: Block, segments: string[]): Promise<Step> {
  const [name = '', ...rest] = segments
  const read: Block[] = []
  const spy = {
    get: async function* (cid: CID): AsyncGenerator<Uint8Array> {
      const bytes = await reader.get(cid)
      read.push({ cid, bytes })
      yield bytes
    },
  }
  const escaped = name.replaceAll('/', '\\/')
  let cid: CID | undefined
  try {
    for await (const entry of walkPath(`${block.cid.toString()}/${escaped}`, spy)) cid = entry.cid
  } catch (error) {
    if (error instanceof WasmateError) throw error
    throw new WasmateError('CONTENT_NOT_FOUND', describe(error), { cause: error })
  }
  const through = read.filter((passed) => !passed.cid.equals(block.cid) && !cid?.equals(passed.cid))
  return { cid, rest, through }
}

function isShard(block: Block): boolean {
  if (block.cid.code !== 0x70) return false
  const { Data } = decodeNode(block)
  if (!Data) return false
  try {
    return UnixFS.unmarshal(Data).type === 'hamt-sharded-directory'
  } catch {
    // dag-pb that is not UnixFS still has named links.
    return false
  }
}

function noLink(name: string, cid: CID): WasmateError {
  return new WasmateError('CONTENT_NOT_FOUND', `no link named "${name}" under ${cid.toString()}`)
}
