// New bytes into a file: what is before and behind them is read from the old one while the new one is written.

import { WasmateError } from '../../base/errors.ts'
import { readBytes } from '../dag/unixfs.ts'
import { importEntries, importProfiles } from '../import.ts'
import type { CidVersion, Found, Place, TreeStore } from './tree.ts'

export interface WriteOptions {
  offset?: number
  truncate?: boolean
  /** Most bytes that are taken of the content. */
  count?: number
  /** Of a file that is new; one that is there keeps its own. */
  cidVersion?: CidVersion
  rawLeaves?: boolean
}

/** Zeros between the end of a file and an offset behind it. */
const maxGapBytes = 1024 * 1024 * 1024
const zeros = new Uint8Array(256 * 1024)

/**
 * The DAG is the one that `add` makes of the same bytes, not the trickle DAG that Kubo grows when a file is written.
 * Throws INPUT_INVALID for an offset that is far behind the end.
 */
export async function spliceFile(
  store: TreeStore,
  old: Found | undefined,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: WriteOptions,
): Promise<Place> {
  const cidVersion = options.cidVersion ?? old?.cid.version ?? 0
  const settings = {
    ...importProfiles['kubo-v1'],
    cidVersion,
    rawLeaves: options.rawLeaves ?? (old?.node.type === 'raw' || cidVersion === 1),
    wrap: false,
  }
  const kept = options.truncate ? undefined : old
  const bytes = splice(store, kept, content, options)
  let built: Place | undefined
  for await (const entry of importEntries(
    [{ path: 'f', content: bytes }],
    (block) => store.put(block),
    settings,
  )) {
    built = entry
  }
  if (!built) throw new WasmateError('INTERNAL', 'the importer gave no file')
  return { cid: built.cid, dagSize: built.dagSize }
}

async function* splice(
  store: TreeStore,
  old: Found | undefined,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { offset = 0, count = Number.MAX_SAFE_INTEGER }: WriteOptions,
): AsyncGenerator<Uint8Array> {
  const size = old?.node.size ?? 0
  if (offset - size > maxGapBytes) {
    throw new WasmateError(
      'INPUT_INVALID',
      `offset ${offset} is more than ${maxGapBytes} bytes past the end of file`,
    )
  }
  if (old && offset > 0) yield* readBytes(store, old.cid, { from: 0, to: Math.min(offset, size) - 1 })
  for (let gap = offset - size; gap > 0; gap -= zeros.length) yield zeros.subarray(0, gap)
  let position = offset
  for await (const chunk of take(content, count)) {
    position += chunk.length
    yield chunk
  }
  if (old && position < size) yield* readBytes(store, old.cid, { from: position, to: size - 1 })
}

async function* take(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let left = count
  for await (const chunk of content) {
    if (left <= 0) return
    yield chunk.subarray(0, left)
    left -= chunk.length
  }
}
