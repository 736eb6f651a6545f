// get: a file, a symbolic link or a directory as a tar stream, or compressed.

import { pipeline } from 'node:stream/promises'
import { PassThrough, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { type UnixFsNode, isDirectory, readBytes } from '../../../content/dag/unixfs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { walkTree } from '../../../content/tree/walk.ts'
import { packTar, tarMediaType } from '../../tar.ts'
import { type Answer, type Call, type Endpoints, onlyPath, resolveCid } from '../endpoint.ts'
import { readEntry } from './ls.ts'

export const getEndpoints: Endpoints = { get: getPath }

async function getPath(call: Call): Promise<Answer> {
  const { node, query, signal } = call
  const level = readLevel(call)
  const path = onlyPath(query)
  const cid = await resolveCid(node, path)
  const entry = await readEntry(node, cid)
  const isTar = level === undefined || query.flag('archive', false)
  if (!isTar && entry.type !== 'file' && entry.type !== 'raw') {
    throw new WasmateError('INPUT_INVALID', 'file is not regular')
  }
  const plain = isTar ? packPath(call, path, cid) : readBytes(node, cid, undefined, signal)
  return {
    bytes: level === undefined ? plain : compress(plain, level),
    type: level === undefined ? tarMediaType : 'application/gzip',
    length: await sizeOf(node, cid, entry),
  }
}

/** `undefined`: not compressed. */
function readLevel({ query }: Call): number | undefined {
  if (!query.flag('compress', false)) return undefined
  const level = query.whole('compression-level') ?? defaultLevel
  if (level === defaultLevel || (level >= 1 && level <= 9)) return level
  throw new WasmateError('INPUT_INVALID', 'compression level must be between 1 and 9')
}

/** zlib's own choice (Z_DEFAULT_COMPRESSION). */
const defaultLevel = -1

/** For progress: the bytes of a file, or of all blocks under a directory as it says itself. */
async function sizeOf(node: ContentNode, cid: CID, entry: UnixFsNode): Promise<number> {
  if (!isDirectory(entry)) return entry.type === 'symlink' ? entry.data.length : entry.size
  const below = entry.links.reduce((sum, { Tsize = 0 }) => sum + Tsize, 0)
  return (await node.get(cid)).length + below
}

/** As large as it is: whoever asks here may read everything anyway, and ends it by going. */
function packPath({ node, signal }: Call, path: string, cid: CID): AsyncGenerator<Uint8Array> {
  const entries = walkTree(node, cid, { top: baseName(path), maxEntries: Number.MAX_SAFE_INTEGER, signal })
  return packTar(node, entries, new Date(), signal)
}

function baseName(path: string): string {
  return path.split('/').filter(Boolean).at(-1) ?? ''
}

/** Ends with the error of its source, or when nobody reads on. */
async function* compress(source: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const zipped = new PassThrough()
  const done = pipeline(Readable.from(source), createGzip({ level }), zipped)
  done.catch((error: unknown) => zipped.destroy(error instanceof Error ? error : new Error(String(error))))
  try {
    yield* zipped as AsyncIterable<Uint8Array>
  } finally {
    zipped.destroy()
    await done.catch(() => undefined)
  }
}
