// What can be done to the mutable file system: each takes the tree as it is and gives the root of another.

import { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { isDirectory } from '../dag/unixfs.ts'
import { type FilePath, isWithin, parseFilePath, splitLast } from './path.ts'
import { type WriteOptions, spliceFile } from './splice.ts'
import {
  type Change,
  type CidVersion,
  type EditOptions,
  type Found,
  type Place,
  type TreeStore,
} from './tree.ts'
import { describe, edit, find, makeDirectory, missing, readLinks } from './tree.ts'

export interface Draft {
  store: TreeStore
  root: CID
  /** Holds all that is here of a DAG that comes from elsewhere. */
  keep(cid: CID): Promise<void>
}

/** Gives the new root. */
export type Operation = (draft: Draft) => Promise<CID>

/** With `parents` the directory may be there already, and those above it may be missing. */
export function makeFolder(path: string, cidVersion: CidVersion = 0, parents = false): Operation {
  const target = parseFilePath(path)
  return async ({ store, root }) => {
    const there = await find(store, root, target.names)
    if (there && parents && isDirectory(there.node)) return root
    if (there) throw new WasmateError('INPUT_INVALID', 'file already exists')
    const made = await makeDirectory(store, cidVersion)
    return place(store, root, target, made, parents ? { parents: cidVersion } : {})
  }
}

/** Throws CONTENT_NOT_FOUND for a file that is not there, unless `create` is set. */
export function writeFile(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { create, parents, ...options }: WriteOptions & EditOptions & { create?: boolean },
): Operation {
  const target = parseFilePath(path)
  return async ({ store, root }) => {
    const old = await find(store, root, target.names)
    if (old && (!isFile(old) || target.isDirectory)) throw notFile(target)
    if (!old && (!create || target.isDirectory)) throw missing()
    // Asked before the content is read: what has no place is not stored first.
    if (parents === undefined) await findFolder(store, root, splitLast(target).parent)
    return place(store, root, target, await spliceFile(store, old, content, options), { parents })
  }
}

/** A file that is in the way is replaced when `force` is set; blocks of the source need not be here. */
export function copyTo(
  source: CID | string,
  to: string,
  { force, parents }: EditOptions & { force?: boolean } = {},
): Operation {
  const named = typeof source === 'string' ? parseFilePath(source) : undefined
  const target = parseFilePath(to)
  const into = target.isDirectory ? below(target, named?.names.at(-1) ?? source.toString()) : target
  return async ({ store, root, keep }) => {
    const from = named ? await find(store, root, named.names) : await describe(store, source as CID)
    if (!from) throw refuse(`cannot get node from path ${named?.text ?? ''}: file does not exist`)
    if (!named) await keep(from.cid)
    const there = await find(store, root, into.names)
    if (there && !force)
      throw refuse(`cannot put node in path ${into.text}: directory already has entry by that name`)
    if (there && isDirectory(there.node))
      throw refuse(`cannot unlink existing file: not a file: ${into.text}`)
    if (parents === undefined) {
      await findFolder(store, root, splitLast(into).parent).catch((error: unknown) => {
        throw refuse(`cannot put node in path ${into.text}: file does not exist`, error)
      })
    }
    return place(store, root, into, from, { parents })
  }
}

/** Into a directory that is there, else to that very path; a file that is in the way is replaced. */
export function moveTo(from: string, to: string): Operation {
  const [source, target] = [parseFilePath(from), parseFilePath(to)]
  return async ({ store, root }) => {
    const { parent, name } = splitLast(source)
    const moved = await find(store, root, source.names)
    if (!moved) throw missing()
    const there = await find(store, root, target.names)
    const isInto = target.isDirectory || (there !== undefined && isDirectory(there.node))
    const into = isInto ? below(target, name) : target
    if (into.text === source.text) return root
    // Kubo loses what is moved into itself.
    if (isWithin(source, into))
      throw new WasmateError('INPUT_INVALID', `${source.text} can not go into itself`)
    const displaced = isInto ? await find(store, root, into.names) : there
    if (displaced && !isFile(displaced))
      throw new WasmateError('INPUT_INVALID', `${into.text} is a directory`)
    const placed = await place(store, root, into, moved)
    return (await edit(store, placed, parent, removing(name))).cid
  }
}

/** Throws INPUT_INVALID for a directory unless `recursive`; with `force` whatever is there goes, read or not. */
export function removeFrom(path: string, { recursive = false, force = false } = {}): Operation {
  const target = parseFilePath(path)
  return async ({ store, root }) => {
    if (target.names.length === 0) throw new WasmateError('INPUT_INVALID', 'cannot delete root')
    const { parent, name } = splitLast(target)
    const folder = await find(store, root, parent)
    const isThere = folder && isDirectory(folder.node) && (await readLinks(store, folder.cid)).has(name)
    if (!isThere && force) return root
    if (!isThere) throw missing()
    if (!force && !recursive && isDirectory((await findOrThrow(store, root, target)).node)) {
      throw new WasmateError('INPUT_INVALID', 'path is a directory, use -r to remove directories')
    }
    return (await edit(store, root, parent, removing(name))).cid
  }
}

/** Of the directory alone, not of what is in it. */
export function changeCid(path: string, cidVersion: CidVersion): Operation {
  const target = parseFilePath(path)
  return async ({ store, root }) => {
    const found = await findOrThrow(store, root, target)
    if (!isDirectory(found.node)) throw new WasmateError('INPUT_INVALID', 'can only update directories')
    const links = await readLinks(store, found.cid)
    const bare = await makeDirectory(store, cidVersion)
    const built = await edit(store, bare.cid, [], (into) =>
      links.forEach((link) => into.set(link.name, link)),
    )
    return place(store, root, target, built)
  }
}

async function place(
  store: TreeStore,
  root: CID,
  target: FilePath,
  { cid, dagSize }: Place,
  options: EditOptions = {},
): Promise<CID> {
  const { parent, name } = splitLast(target)
  const change: Change = (links) => void links.set(name, { name, cid, dagSize })
  return (await edit(store, root, parent, change, options)).cid
}

const removing =
  (name: string): Change =>
  (links) =>
    void links.delete(name)

async function findOrThrow(store: TreeStore, root: CID, { names }: FilePath): Promise<Found> {
  const found = await find(store, root, names)
  if (!found) throw missing()
  return found
}

async function findFolder(store: TreeStore, root: CID, names: string[]): Promise<void> {
  const found = await find(store, root, names)
  if (!found || !isDirectory(found.node)) throw missing()
}

function below(folder: FilePath, name: string): FilePath {
  return parseFilePath(`${folder.text}/${name}`)
}

function isFile({ node }: Found): boolean {
  return node.type === 'file' || node.type === 'raw'
}

function notFile({ text }: FilePath): WasmateError {
  return new WasmateError('INPUT_INVALID', `${text} was not a file`)
}

/** Kubo's words for what goes wrong with `cp`. */
function refuse(reason: string, cause?: unknown): WasmateError {
  return new WasmateError('INPUT_INVALID', `cp: ${reason}`, { cause })
}
