// cat: the bytes of files, one after the other.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { isDirectory, readBytes } from '../../../content/dag/unixfs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { type Answer, type Call, type Endpoints, resolveCid } from '../endpoint.ts'
import { readEntry } from './ls.ts'

export const catEndpoints: Endpoints = { cat: catFiles }

interface CatFile {
  cid: CID
  size: number
  /** Where a symbolic link leads to: that text is what it reads as. */
  target?: Uint8Array
}

/** `offset` and `length` count over all files, as in Kubo. */
async function catFiles({ node, query, signal }: Call): Promise<Answer> {
  const from = query.count('offset') ?? 0
  const wanted = query.count('length') ?? Number.MAX_SAFE_INTEGER
  const files: CatFile[] = []
  for (const path of query.paths()) files.push(await openFile(node, await resolveCid(node, path)))
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const length = Math.max(0, Math.min(size - from, wanted))
  return { bytes: readRange(node, files, from, length, signal), length }
}

async function openFile(node: ContentNode, cid: CID): Promise<CatFile> {
  const entry = await readEntry(node, cid)
  if (isDirectory(entry)) throw new WasmateError('INPUT_INVALID', 'this dag node is a directory')
  if (entry.type === 'symlink') return { cid, size: entry.data.length, target: entry.data }
  return { cid, size: entry.size }
}

async function* readRange(
  node: ContentNode,
  files: CatFile[],
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let start = 0
  for (const { cid, size, target } of files) {
    const range = { from: Math.max(0, offset - start), to: Math.min(size, offset + length - start) - 1 }
    start += size
    if (range.from > range.to) continue
    if (target) yield target.subarray(range.from, range.to + 1)
    else yield* readBytes(node, cid, range, signal)
  }
}
