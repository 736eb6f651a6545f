// The blocks of a DAG that somebody asks for: along a path, and what is wanted at its end.
// Section names are those of https://specs.ipfs.tech/http-gateways/trustless-gateway/

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { type Block, type BlockReader, dagKeyOf } from './codecs.ts'
import { type ByteRange, type UnixFsNode, isDirectory, listDirectory, readNode, walkFile } from './unixfs.ts'
import { type ResolvedPath, walkDag } from './walk.ts'

export type DagScope = 'block' | 'entity' | 'all'

export interface EntityBytes {
  /** Negative counts from the end. */
  from: number
  /** Inclusive; negative counts from the end, absent is the end. */
  to?: number
}

export interface Selection {
  scope: DagScope
  entityBytes?: EntityBytes
  /** Whether a block comes each time it occurs, or once. */
  dups: 'y' | 'n'
}

/** Depth first: what verifies the path, then what is asked for at its end, as a CAR carries them. */
export async function* selectBlocks(
  reader: BlockReader,
  path: Pick<ResolvedPath, 'blocks' | 'cid'>,
  selection: Selection,
  signal?: AbortSignal,
): AsyncGenerator<Block> {
  const sent = new Set<string>()
  for await (const block of concat(path.blocks, selectTarget(reader, path.cid, selection, signal))) {
    // Section "CAR dups": n sends each block once.
    const key = dagKeyOf(block.cid)
    if (selection.dups === 'n' && sent.has(key)) continue
    sent.add(key)
    yield block
  }
}

async function* concat(first: Block[], rest: AsyncIterable<Block>): AsyncGenerator<Block> {
  yield* first
  yield* rest
}

function selectTarget(
  reader: BlockReader,
  cid: CID,
  { scope, entityBytes, dups }: Selection,
  signal: AbortSignal | undefined,
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
  signal: AbortSignal | undefined,
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
