// files/ls, stat, read: the mutable file system as it is.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { isDirectory } from '../../../content/dag/unixfs.ts'
import { readIfHere } from '../../../content/dag/walk.ts'
import { linksOf } from '../../../content/dag/codecs.ts'
import { parseFilePath } from '../../../content/files/path.ts'
import type { Found } from '../../../content/files/tree.ts'
import type { ContentNode } from '../../../content/node.ts'
import { type Answer, type Call, type Endpoints, onlyPath, resolveCid } from '../endpoint.ts'
import { isContentPath } from './path.ts'

export const filesReadEndpoints: Endpoints = {
  'files/ls': list,
  'files/stat': stat,
  'files/read': read,
}

interface Entry {
  Name: string
  /** 0 is a file, 1 a directory; told with `long` only, as are size and hash. */
  Type: number
  Size: number
  Hash: string
}

async function list({ node, query, show, signal }: Call): Promise<Answer> {
  const path = query.text('arg') ?? '/'
  const found = await node.files.find(path)
  const isLong = query.flag('long', false)
  const describeEntry = async (name: string, cid: CID): Promise<Entry> => {
    signal.throwIfAborted()
    if (!isLong) return { Name: name, Type: 0, Size: 0, Hash: '' }
    const entry = await node.files.describe(cid)
    return { Name: name, Type: isDirectory(entry.node) ? 1 : 0, Size: entry.node.size, Hash: show(cid) }
  }
  if (!isDirectory(found.node)) {
    const name = parseFilePath(path).names.at(-1) ?? ''
    return { json: { Entries: [await describeEntry(name, found.cid)] } }
  }
  const entries: Entry[] = []
  for (const { name, cid } of await node.files.list(found)) entries.push(await describeEntry(name, cid))
  // Go writes an empty list that was never made as null.
  return { json: { Entries: entries.length > 0 ? entries : null } }
}

async function stat({ node, query, show, signal }: Call): Promise<Answer> {
  const path = onlyPath(query)
  const found = isContentPath(path)
    ? await node.files.describe(await resolveCid(node, path))
    : await node.files.find(path)
  const { cid, dagSize, node: entry } = found
  const locality = query.flag('with-local', false) ? await measureLocal(node, found, signal) : {}
  return {
    json: {
      Hash: show(cid),
      Size: entry.size,
      CumulativeSize: dagSize,
      Blocks: entry.links.length,
      Type: isDirectory(entry) ? 'directory' : 'file',
      ...locality,
    },
  }
}

async function measureLocal(node: ContentNode, { cid: root }: Found, signal: AbortSignal): Promise<object> {
  let bytesHere = 0
  let isWhole = true
  const seen = new Set<string>()
  const stack = [root]
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    signal.throwIfAborted()
    if (seen.has(cid.toString())) continue
    seen.add(cid.toString())
    const bytes = await readIfHere(node, cid)
    if (!bytes) isWhole = false
    else {
      bytesHere += bytes.length
      for (const link of linksOf({ cid, bytes })) stack.push(link)
    }
  }
  return { WithLocality: true, Local: isWhole, SizeLocal: bytesHere }
}

async function read({ node, query, signal }: Call): Promise<Answer> {
  const path = onlyPath(query)
  const text = parseFilePath(path).text
  const found = await node.files.find(path).catch((error: unknown) => {
    if (!(error instanceof WasmateError) || error.detail !== 'file does not exist') throw error
    throw new WasmateError('CONTENT_NOT_FOUND', `${text}: file does not exist`, { cause: error })
  })
  const { type, size } = found.node
  if (type !== 'file' && type !== 'raw') throw new WasmateError('INPUT_INVALID', `${text} was not a file`)
  const offset = query.count('offset') ?? 0
  if (offset > size) {
    throw new WasmateError('INPUT_INVALID', `offset was past end of file (${offset} > ${size})`)
  }
  const end = Math.min(size, offset + (query.count('count') ?? size))
  return { bytes: node.files.read(found, offset, end, signal) }
}
