// cat and ls: UnixFS read back.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { ContentNode } from '../../content/node.ts'
import { type UnixFsNode, isDirectory, listDirectory, readNode, walkFile } from '../../content/dag/unixfs.ts'
import { type Answer, type Call, type Endpoints, resolveCid } from './endpoint.ts'

export const catEndpoints: Endpoints = { cat: catFiles, ls: listFolders }

/** Bytes of one file after the other; `offset` and `length` count over all of them, as in Kubo. */
async function catFiles({ node, query, signal }: Call): Promise<Answer> {
  const from = query.count('offset') ?? 0
  const wanted = query.count('length') ?? Number.MAX_SAFE_INTEGER
  const files: { cid: CID; size: number }[] = []
  for (const path of query.paths()) {
    const cid = await resolveCid(node, path)
    const entry = await readEntry(node, cid)
    if (entry.type !== 'file' && entry.type !== 'raw') {
      throw new WasmateError(
        'INPUT_INVALID',
        entry.type === 'symlink' ? 'this dag node is a symlink' : 'this dag node is a directory',
      )
    }
    files.push({ cid, size: entry.size })
  }
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const length = Math.max(0, Math.min(size - from, wanted))
  return { bytes: readRange(node, files, from, length, signal), length }
}

async function* readRange(
  node: ContentNode,
  files: { cid: CID; size: number }[],
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let start = 0
  for (const { cid, size } of files) {
    const range = { from: Math.max(0, offset - start), to: Math.min(size, offset + length - start) - 1 }
    start += size
    if (range.from > range.to) continue
    for await (const { data } of walkFile(node, cid, range, signal)) if (data.length > 0) yield data
  }
}

async function listFolders({ node, query }: Call): Promise<Answer> {
  const objects: unknown[] = []
  for (const path of query.paths()) {
    const cid = await resolveCid(node, path)
    const links = isDirectory(await readEntry(node, cid)) ? await listLinks(node, cid) : []
    objects.push({ Hash: path, Links: links })
  }
  return { json: { Objects: objects } }
}

async function listLinks(node: ContentNode, directory: CID): Promise<unknown[]> {
  const links: unknown[] = []
  for await (const { name, cid } of listDirectory(node, directory)) {
    const entry = await readEntry(node, cid)
    const target = entry.type === 'symlink' ? Buffer.from(entry.data).toString() : ''
    const size = entry.type === 'symlink' ? 0 : entry.size
    links.push({
      Name: name,
      Hash: cid.toString(),
      Size: size,
      Type: typeNumbers[entry.type],
      Target: target,
    })
  }
  return links
}

/** https://specs.ipfs.tech/unixfs/: the numbers of Data.DataType; Kubo shows shards and raw leaves as these. */
const typeNumbers: Record<UnixFsNode['type'], number> = {
  directory: 1,
  shard: 1,
  file: 2,
  raw: 2,
  symlink: 4,
}

async function readEntry(node: ContentNode, cid: CID): Promise<UnixFsNode> {
  return readNode({ cid, bytes: await node.get(cid) })
}
