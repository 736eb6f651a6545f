// UnixFS read back: the bytes of a file, the entries of a directory, block by block and without recursion.

import type { PBLink } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../../base/errors.ts'
import { type Block, type BlockReader, decodeNode } from './codecs.ts'

const dagPbCode = 0x70

export interface UnixFsNode {
  type: 'file' | 'directory' | 'shard' | 'symlink' | 'raw'
  /** Bytes of the file, 0 for a directory. */
  size: number
  /** Bytes of the file that are in this very block. */
  data: Uint8Array
  links: PBLink[]
  /** File bytes under each link. */
  childSizes: number[]
  /** Digits that a shard puts before each name. */
  prefixLength: number
}

/** A block that is not dag-pb is a file of its own bytes. Throws CODEC_UNSUPPORTED for dag-pb without UnixFS. */
export function readNode(block: Block): UnixFsNode {
  if (block.cid.code !== dagPbCode) {
    return { ...leaf, type: 'raw', size: block.bytes.length, data: block.bytes }
  }
  const { Data, Links } = decodeNode(block)
  const entry = unmarshal(block.cid, Data)
  return {
    type: nodeTypes[entry.type] ?? 'file',
    size: entry.isDirectory() ? 0 : Number(entry.fileSize()),
    data: entry.data ?? new Uint8Array(),
    links: Links,
    childSizes: entry.blockSizes.map(Number),
    prefixLength: entry.type === 'hamt-sharded-directory' ? shardPrefixLength(entry) : 0,
  }
}

const leaf = { links: [], childSizes: [], prefixLength: 0 }

const nodeTypes: Record<string, UnixFsNode['type']> = {
  directory: 'directory',
  'hamt-sharded-directory': 'shard',
  symlink: 'symlink',
}

function unmarshal(cid: CID, data: Uint8Array | undefined): UnixFS {
  try {
    if (!data) throw new Error('no data in the node')
    return UnixFS.unmarshal(data)
  } catch (error) {
    throw new WasmateError('CODEC_UNSUPPORTED', `${cid.toString()} is not UnixFS (${describe(error)})`, {
      cause: error,
    })
  }
}

/** UnixFS, HAMT directories: a link name starts with its position in the shard, in as many hex digits as the fanout needs. */
function shardPrefixLength(entry: UnixFS): number {
  return (Number(entry.fanout ?? 256n) - 1).toString(16).length
}

export interface ByteRange {
  /** First byte, from 0. */
  from: number
  /** Last byte, inclusive. */
  to: number
}

export interface FilePart {
  block: Block
  /** The wanted bytes that are in this block; none for a block that only links to others. */
  data: Uint8Array
}

/** The blocks of a file that a range needs, depth first, each with its part of the bytes. */
export async function* walkFile(
  reader: BlockReader,
  root: CID,
  range: ByteRange = { from: 0, to: Number.MAX_SAFE_INTEGER },
  signal?: AbortSignal,
): AsyncGenerator<FilePart> {
  const stack: { cid: CID; position: number; size?: number }[] = [{ cid: root, position: 0 }]
  const empty = new Set<string>()
  for (let next = stack.pop(); next; next = stack.pop()) {
    signal?.throwIfAborted()
    if (next.size === 0 && isSeen(empty, next.cid)) continue
    const block = { cid: next.cid, bytes: await reader.get(next.cid) }
    const node = readNode(block)
    refuseContradiction(block.cid, node, next.size)
    yield { block, data: cut(node.data, next.position, range) }
    // No spread: a block may have more links than a call takes arguments.
    for (const child of childrenWithin(node, next.position + node.data.length, range).reverse())
      stack.push(child)
  }
}

/** The wanted bytes of a file, none of them empty. */
export async function* readBytes(...given: Parameters<typeof walkFile>): AsyncGenerator<Uint8Array> {
  for await (const { data } of walkFile(...given)) if (data.length > 0) yield data
}

/**
 * Every step into a link is paid for by the bytes under it, and what has none is gone into once: no DAG takes
 * longer to walk than it is large.
 */
function refuseContradiction(cid: CID, node: UnixFsNode, promised = node.size): void {
  const sized = node.links.length === node.childSizes.length
  if (sized && node.size === promised) return
  const detail = sized
    ? `${cid.toString()} holds ${node.size} bytes where its parent says ${promised}`
    : `${cid.toString()} has ${node.links.length} links and sizes for ${node.childSizes.length}`
  throw new WasmateError('CODEC_UNSUPPORTED', detail)
}

function isSeen(seen: Set<string>, cid: CID): boolean {
  const key = cid.toString()
  if (seen.has(key)) return true
  seen.add(key)
  return false
}

function childrenWithin(
  node: UnixFsNode,
  start: number,
  { from, to }: ByteRange,
): { cid: CID; position: number; size: number }[] {
  if (from > to) return []
  let position = start
  const children = node.links.map((link, index) => {
    const child = { cid: link.Hash, position, size: node.childSizes[index] ?? 0 }
    position += child.size
    return child
  })
  return children.filter((child) => child.position + child.size > from && child.position <= to)
}

function cut(data: Uint8Array, position: number, { from, to }: ByteRange): Uint8Array {
  return data.subarray(Math.max(0, from - position), Math.max(0, to + 1 - position))
}

export interface DirectoryEntry {
  name: string
  cid: CID
  /** Bytes of the whole DAG under it, as the directory says. */
  dagSize: number
}

/**
 * What stands in a directory, depth first. Blocks of its shards come out by `onShard`, the first one included. Throws
 * CODEC_UNSUPPORTED for a shard that is in it twice: no name leads to it twice, but the way through would not end.
 */
export async function* listDirectory(
  reader: BlockReader,
  root: CID,
  onShard?: (block: Block) => void,
): AsyncGenerator<DirectoryEntry> {
  const stack: (CID | DirectoryEntry)[] = [root]
  const seen = new Set<string>()
  for (let next = stack.pop(); next; next = stack.pop()) {
    if ('name' in next) {
      yield next
      continue
    }
    if (isSeen(seen, next)) {
      throw new WasmateError('CODEC_UNSUPPORTED', `${next.toString()} is twice in ${root.toString()}`)
    }
    const block = { cid: next, bytes: await reader.get(next) }
    onShard?.(block)
    for (const entry of entriesOf(readNode(block)).reverse()) stack.push(entry)
  }
}

/** Entries, and the further shards in place of those that stand in them. */
function entriesOf({ links, prefixLength }: UnixFsNode): (CID | DirectoryEntry)[] {
  return links.map(({ Name = '', Hash, Tsize = 0 }) =>
    prefixLength > 0 && Name.length === prefixLength
      ? Hash
      : { name: Name.slice(prefixLength), cid: Hash, dagSize: Tsize },
  )
}

/**
 * The bytes of one file: a file, a raw leaf, or a directory that holds exactly one .wasm.
 * Throws CONTENT_TOO_LARGE over `maxBytes`, CONTENT_NOT_FOUND when there is no such one file.
 */
export async function extractFile(reader: BlockReader, root: CID, maxBytes: number): Promise<Uint8Array> {
  const cid = isDirectory(await readRoot(reader, root)) ? await onlyModule(reader, root) : root
  const node = await readRoot(reader, cid)
  if (node.type !== 'file' && node.type !== 'raw') {
    throw new WasmateError('CONTENT_NOT_FOUND', `${cid.toString()} is a ${node.type}, not a file`)
  }
  if (node.size > maxBytes) throw tooLarge(cid, node.size, maxBytes)
  const parts: Uint8Array[] = []
  for await (const { data } of walkFile(reader, cid)) parts.push(data)
  return Buffer.concat(parts)
}

export function isDirectory({ type }: UnixFsNode): boolean {
  return type === 'directory' || type === 'shard'
}

async function readRoot(reader: BlockReader, cid: CID): Promise<UnixFsNode> {
  return readNode({ cid, bytes: await reader.get(cid) })
}

async function onlyModule(reader: BlockReader, directory: CID): Promise<CID> {
  const modules: DirectoryEntry[] = []
  for await (const entry of listDirectory(reader, directory)) {
    if (entry.name.endsWith('.wasm')) modules.push(entry)
  }
  const [only] = modules
  if (only && modules.length === 1) return only.cid
  const detail = `${directory.toString()} is a directory with ${modules.length} .wasm files, not one`
  throw new WasmateError('CONTENT_NOT_FOUND', detail)
}

export function tooLarge(cid: CID, bytes: number, maxBytes: number): WasmateError {
  return new WasmateError(
    'CONTENT_TOO_LARGE',
    `${cid.toString()} has at least ${bytes} bytes, the limit is ${maxBytes}`,
  )
}
