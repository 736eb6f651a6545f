// A DAG seen as files and folders: what stands at a path, what is in a folder, links followed inside their root.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { BlockReader } from '../dag/codecs.ts'
import { type UnixFsNode, isDirectory, listDirectory, readNode, tooLarge, walkFile } from '../dag/unixfs.ts'
import { resolvePath } from '../dag/walk.ts'
import type { ContentAddress } from './address.ts'
import { eachLimited } from '../../base/limited.ts'

export interface Kind {
  /** `unknown`: a link that leads nowhere, or a block that is not there or not readable. */
  type: 'file' | 'directory' | 'unknown'
  isLink: boolean
}

export interface TreeEntry extends Kind {
  /** Of what a link leads to. */
  cid: CID
  /** Bytes of the file; 0 for all else. */
  size: number
}

export interface NamedEntry extends Kind {
  name: string
}

/** What stands at the address, links followed. Throws CONTENT_NOT_FOUND, or what the reader throws. */
export async function lookUp(reader: BlockReader, { cid, segments }: ContentAddress): Promise<TreeEntry> {
  const last = segments.at(-1)
  if (last === undefined) return describeEntry(reader, [cid], cid)
  const way = await follow(reader, [cid], segments.slice(0, -1))
  return describeEntry(reader, way, await stepInto(reader, way.at(-1) ?? cid, last))
}

/** What is in the folder there. Of one name the first entry counts; a name that no path can hold is left out. */
export async function listFolder(
  reader: BlockReader,
  { cid, segments }: ContentAddress,
  signal?: AbortSignal,
): Promise<NamedEntry[]> {
  const way = await follow(reader, [cid], segments)
  const children = new Map<string, CID>()
  for await (const child of listDirectory(reader, way.at(-1) ?? cid)) {
    signal?.throwIfAborted()
    if (isName(child.name) && !children.has(child.name)) children.set(child.name, child.cid)
  }
  let mayRead = maxKindsRead
  return eachLimited([...children], atOnce, async ([name, child]) => {
    signal?.throwIfAborted()
    // What is not dag-pb is a file of its own bytes: a listing does without them.
    if (child.code !== dagPbCode) return { name, type: 'file', isLink: false }
    const { type, isLink } = mayRead-- > 0 ? await describeChild(reader, way, child) : unknown(child)
    return { name, type, isLink }
  })
}

/**
 * The bytes of the file there. Throws CONTENT_TOO_LARGE before anything of a larger one is fetched, and
 * CONTENT_NOT_FOUND for what is no file.
 */
export async function readFileAt(
  reader: BlockReader,
  { cid, segments }: ContentAddress,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const file = (await follow(reader, [cid], segments)).at(-1) ?? cid
  const { type, size } = await readAt(reader, file)
  if (type !== 'file' && type !== 'raw') throw nowhere(file, `it is a ${type}, not a file`)
  if (size > maxBytes) throw tooLarge(file, size, maxBytes)
  const bytes = new Uint8Array(size)
  let position = 0
  for await (const { data } of walkFile(reader, file, undefined, signal)) {
    if (position + data.length > size) throw tooLarge(file, position + data.length, size)
    bytes.set(data, position)
    position += data.length
  }
  return bytes.subarray(0, position)
}

const dagPbCode = 0x70

/** What a name stands for is in a block of its own: of so many it is read, of those beyond when they are opened. */
const maxKindsRead = 10_000

/** Blocks that are asked for at one time. */
const atOnce = 16

/** As on Linux: more links than this are a circle, and no path is longer. */
const maxLinks = 40
const maxTargetBytes = 4096

/** Faults of one entry, not of its neighbours. */
const ownFaults = new Set(['CODEC_UNSUPPORTED', 'CONTENT_NOT_FOUND', 'BLOCK_MISMATCH'])

async function describeChild(reader: BlockReader, way: CID[], child: CID): Promise<Kind> {
  try {
    return await describeEntry(reader, way, child)
  } catch (error) {
    if (error instanceof WasmateError && ownFaults.has(error.code)) return unknown(child)
    throw error
  }
}

/** `way`: from the root to the folder that the entry is in. */
async function describeEntry(reader: BlockReader, way: CID[], cid: CID): Promise<TreeEntry> {
  const node = await readAt(reader, cid)
  if (node.type !== 'symlink') return { cid, isLink: false, ...kindOf(node) }
  try {
    const target = (await follow(reader, way, targetOf(cid, node))).at(-1) ?? cid
    return { cid: target, isLink: true, ...kindOf(await readAt(reader, target)) }
  } catch (error) {
    if (!(error instanceof WasmateError) || error.code !== 'CONTENT_NOT_FOUND') throw error
    return { ...unknown(cid), isLink: true }
  }
}

function kindOf(node: UnixFsNode): Pick<TreeEntry, 'type' | 'size'> {
  return isDirectory(node) ? { type: 'directory', size: 0 } : { type: 'file', size: node.size }
}

function unknown(cid: CID): TreeEntry {
  return { cid, type: 'unknown', isLink: false, size: 0 }
}

/**
 * Goes on from the end of `way` and gives the whole way. Links are followed as long as they stay under the root:
 * a path of this machine is never meant.
 */
async function follow(reader: BlockReader, way: CID[], names: string[]): Promise<CID[]> {
  const [root, ...below] = way
  if (!root) return []
  const ahead = [...names]
  let links = 0
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (!below.pop()) throw nowhere(root, 'a link leads out of it')
      continue
    }
    const next = await stepInto(reader, below.at(-1) ?? root, name)
    const node = await readAt(reader, next)
    if (node.type !== 'symlink') below.push(next)
    else if (++links > maxLinks) throw nowhere(root, 'its links lead in a circle')
    else ahead.unshift(...targetOf(next, node))
  }
  return [root, ...below]
}

async function stepInto(reader: BlockReader, folder: CID, name: string): Promise<CID> {
  const { cid, rest } = await resolvePath(reader, folder, [name])
  if (rest.length > 0) throw nowhere(folder, `"${name}" lies inside of this block`)
  return cid
}

function targetOf(link: CID, { data }: UnixFsNode): string[] {
  if (data.length > maxTargetBytes) throw nowhere(link, `the link leads to a path of ${data.length} bytes`)
  const target = Buffer.from(data).toString()
  if (target.startsWith('/')) throw nowhere(link, `the link leads to ${target}, which is not in it`)
  return target.split('/')
}

async function readAt(reader: BlockReader, cid: CID): Promise<UnixFsNode> {
  return readNode({ cid, bytes: await reader.get(cid) })
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/')
}

function nowhere(cid: CID, why: string): WasmateError {
  return new WasmateError('CONTENT_NOT_FOUND', `${cid.toString()}: ${why}`)
}
