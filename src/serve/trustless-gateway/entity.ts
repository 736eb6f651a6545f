// The blocks that a CAR request asks for below the end of its path, section "dag-scope".

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { Block, BlockReader } from '../../content/dag/codecs.ts'
import {
  type ByteRange,
  type UnixFsNode,
  isDirectory,
  listDirectory,
  readNode,
  walkFile,
} from '../../content/dag/unixfs.ts'
import { walkDag } from '../../content/dag/walk.ts'
import type { CarFormat, EntityBytes } from './request.ts'

/** Depth first. */
export function selectBlocks(
  reader: BlockReader,
  cid: CID,
  { scope, entityBytes, dups }: CarFormat,
  signal: AbortSignal,
): AsyncGenerator<Block> {
  if (scope === 'all') return walkDag(reader, cid, { duplicates: dups === 'y', signal })
  if (scope === 'entity') return entityBlocks(reader, cid, entityBytes, signal)
  return oneBlock(reader, cid)
}

async function* oneBlock(reader: BlockReader, cid: CID): AsyncGenerator<Block> {
  yield { cid, bytes: await reader.get(cid) }
}

async function* entityBlocks(
  reader: BlockReader,
  cid: CID,
  entityBytes: EntityBytes | undefined,
  signal: AbortSignal,
): AsyncGenerator<Block> {
  const block = { cid, bytes: await reader.get(cid) }
  const node = readEntity(block)
  if (node?.type === 'file') {
    const range = entityBytes && toRange(entityBytes, node.size)
    for await (const part of walkFile(reader, cid, range, signal)) yield part.block
  } else if (node && isDirectory(node)) {
    // Section "entity-bytes": it is ignored for what is no continuous array of bytes.
    yield* shardBlocks(reader, cid)
  } else yield block
}

/** Section "dag-scope": for what is not UnixFS, `entity` is the same as `block`. */
function readEntity(block: Block): UnixFsNode | undefined {
  try {
    return readNode(block)
  } catch (error) {
    if (error instanceof WasmateError && error.code === 'CODEC_UNSUPPORTED') return undefined
    throw error
  }
}

async function* shardBlocks(reader: BlockReader, directory: CID): AsyncGenerator<Block> {
  const passed: Block[] = []
  for await (const entry of listDirectory(reader, directory, (block) => passed.push(block))) {
    if (entry) yield* passed.splice(0)
  }
  yield* passed
}

/** Section "entity-bytes": a range outside of the file leaves its root block alone, as `dag-scope=block` does. */
function toRange({ from, to }: EntityBytes, size: number): ByteRange {
  const first = from < 0 ? Math.max(0, size + from) : from
  const last = to === undefined ? size - 1 : to < 0 ? size + to : to
  return { from: first, to: Math.min(last, size - 1) }
}
