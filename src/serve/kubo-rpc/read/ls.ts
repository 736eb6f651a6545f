// ls: what stands in directories, all of it at once or line by line.

import type { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import {
  type DirectoryEntry,
  type UnixFsNode,
  isDirectory,
  listDirectory,
  readNode,
} from '../../../content/dag/unixfs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { type Answer, type Call, type Endpoints, resolveCid } from '../endpoint.ts'

export const lsEndpoints: Endpoints = { ls: listFolders }

async function listFolders(call: Call): Promise<Answer> {
  if (call.query.flag('stream', false)) return { lines: streamFolders(call) }
  const objects: { Hash: string; Links: unknown[] }[] = []
  for (const path of call.query.paths()) {
    const links: unknown[] = []
    for await (const link of listLinks(call, path)) links.push(link)
    objects.push({ Hash: path, Links: links })
  }
  return { json: { Objects: objects } }
}

async function* streamFolders(call: Call): AsyncGenerator<unknown> {
  for (const path of call.query.paths()) {
    for await (const link of listLinks(call, path)) yield { Objects: [{ Hash: path, Links: [link] }] }
  }
}

async function* listLinks({ node, query, show, signal }: Call, path: string): AsyncGenerator<unknown> {
  const cid = await resolveCid(node, path)
  // Kubo reads each entry when either is asked for, and then knows both.
  const isRead = query.flag('resolve-type', true) || query.flag('size', true)
  for await (const entry of listEntries(node, cid)) {
    signal.throwIfAborted()
    const kind = isRead ? await readKind(node, entry) : guessKind(entry)
    yield { Name: entry.name, Hash: show(entry.cid), ...kind, ...unknownTimes }
  }
}

/** Of a directory; of a file, as Kubo has it, its parts, which have no names. */
async function* listEntries(node: ContentNode, cid: CID): AsyncGenerator<DirectoryEntry> {
  const entry = await readEntry(node, cid)
  if (isDirectory(entry)) yield* listDirectory(node, cid)
  else for (const { Hash, Tsize = 0 } of entry.links) yield { name: '', cid: Hash, dagSize: Tsize }
}

interface Kind {
  Size: number
  Type: number
  Target: string
}

/** No mode and no time is kept by what adds here; clients want the fields. */
const unknownTimes = { Mode: 0, ModTime: '0001-01-01T00:00:00Z' }

/** A raw leaf is a file whose size stands in the directory. */
function guessKind({ cid, dagSize }: DirectoryEntry): Kind {
  const isRaw = cid.code === rawCode
  return { Size: isRaw ? dagSize : 0, Type: isRaw ? typeNumbers.raw : 0, Target: '' }
}

async function readKind(node: ContentNode, { cid }: DirectoryEntry): Promise<Kind> {
  const { type, size, data } = await readEntry(node, cid)
  const Target = type === 'symlink' ? Buffer.from(data).toString() : ''
  return { Size: type === 'symlink' ? data.length : size, Type: typeNumbers[type], Target }
}

/** https://specs.ipfs.tech/unixfs/: the numbers of Data.DataType; Kubo shows shards and raw leaves as these. */
const typeNumbers: Record<UnixFsNode['type'], number> = {
  directory: 1,
  shard: 1,
  file: 2,
  raw: 2,
  symlink: 4,
}

export async function readEntry(node: ContentNode, cid: CID): Promise<UnixFsNode> {
  return readNode({ cid, bytes: await node.get(cid) })
}
