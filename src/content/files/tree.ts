// A tree of UnixFS directories that never changes: a change gives another root, and shares all that is as before.

import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { type Block, type BlockReader, codecOf, makeBlock } from '../dag/codecs.ts'
import { type DirectoryLink, buildDirectory } from '../dag/directory.ts'
import { type UnixFsNode, isDirectory, listDirectory, readNode } from '../dag/unixfs.ts'
import { resolvePath } from '../dag/walk.ts'

/** Where blocks of the tree are read from and put. */
export interface TreeStore extends BlockReader {
  put(block: Block): Promise<unknown>
}

export interface Found {
  cid: CID
  node: UnixFsNode
  /** Bytes of the whole DAG, as its links say. */
  dagSize: number
}

export type Place = Omit<DirectoryLink, 'name'>
export type CidVersion = 0 | 1

export interface EditOptions {
  /** Makes directories that are missing on the way, of this version. */
  parents?: CidVersion
}

/** Links by name; what the change does to them is what the directory becomes. */
export type Change = (links: Map<string, DirectoryLink>) => void | Promise<void>

const directoryEstimate = 'links-bytes'

/** `undefined` when nothing is there. Throws CONTENT_NOT_FOUND naming a block that is missing on the way. */
export async function find(store: BlockReader, root: CID, names: string[]): Promise<Found | undefined> {
  let found = await describe(store, root)
  for (const name of names) {
    if (!isDirectory(found.node)) return undefined
    const cid = await findLink(store, found.cid, name)
    if (!cid) return undefined
    found = await describe(store, cid)
  }
  return found
}

export async function describe(store: BlockReader, cid: CID): Promise<Found> {
  const block = { cid, bytes: await store.get(cid) }
  const node = readNode(block)
  const dagSize = node.links.reduce((sum, { Tsize = 0 }) => sum + Tsize, block.bytes.length)
  return { cid, node, dagSize }
}

async function findLink(store: BlockReader, directory: CID, name: string): Promise<CID | undefined> {
  try {
    return (await resolvePath(store, directory, [name])).cid
  } catch (error) {
    const isMissing = error instanceof WasmateError && error.code === 'CONTENT_NOT_FOUND'
    if (isMissing && !error.detail?.startsWith('block ')) return undefined
    throw error
  }
}

/** As a CIDv0, which is what every tree begins with. */
export function emptyDirectory(): Block {
  const node = { Data: new UnixFS({ type: 'directory' }).marshal(), Links: [] }
  return makeBlock(codecOf('dag-pb').encode(node), codecOf('dag-pb'), 0)
}

export function makeDirectory(store: TreeStore, cidVersion: CidVersion): Promise<Place> {
  return buildDirectory([], (block) => store.put(block), { cidVersion, directoryEstimate })
}

/**
 * Changes the directory that the names lead to; gives the new root. Every directory keeps its CID version, and is
 * sharded or not as an import of the same entries is. Throws CONTENT_NOT_FOUND when there is no such directory.
 */
export async function edit(
  store: TreeStore,
  directory: CID,
  names: string[],
  change: Change,
  options: EditOptions = {},
): Promise<Place> {
  const links = await readLinks(store, directory)
  const [name, ...rest] = names
  if (name === undefined) await change(links)
  else {
    const child = links.get(name)?.cid ?? (await makeMissing(store, options))
    links.set(name, { name, ...(await edit(store, child, rest, change, options)) })
  }
  const cidVersion = directory.version
  return buildDirectory(links.values(), (block) => store.put(block), { cidVersion, directoryEstimate })
}

async function makeMissing(store: TreeStore, { parents }: EditOptions): Promise<CID> {
  if (parents === undefined) throw missing()
  return (await makeDirectory(store, parents)).cid
}

export async function readLinks(store: BlockReader, directory: CID): Promise<Map<string, DirectoryLink>> {
  const { node } = await describe(store, directory)
  if (!isDirectory(node)) throw missing()
  const links = new Map<string, DirectoryLink>()
  for await (const link of listDirectory(store, directory)) links.set(link.name, link)
  return links
}

/** In Kubo's words, which its clients look for. */
export function missing(): WasmateError {
  return new WasmateError('CONTENT_NOT_FOUND', 'file does not exist')
}
