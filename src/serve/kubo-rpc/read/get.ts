// get: a file, a symbolic link or a directory as a tar stream, or compressed.

import { pipeline } from 'node:stream/promises'
import { PassThrough, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { type UnixFsNode, isDirectory, walkFile } from '../../../content/dag/unixfs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { type Answer, type Call, type Endpoints, onlyPath, resolveCid } from '../endpoint.ts'
import { readEntry } from './ls.ts'
import { packTar } from './tar.ts'

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
  const plain = isTar ? packTar(node, { name: baseName(path), cid }, signal) : readBytes(node, cid, signal)
  return {
    bytes: level === undefined ? plain : compress(plain, level),
    type: level === undefined ? 'application/x-tar' : 'application/gzip',
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

function baseName(path: string): string {
  return path.split('/').filter(Boolean).at(-1) ?? ''
}

async function* readBytes(node: ContentNode, cid: CID, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const { data } of walkFile(node, cid, undefined, signal)) if (data.length > 0) yield data
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
