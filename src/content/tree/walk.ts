// A UnixFS tree in the order of its directories, entry by entry, within limits that no DAG gets around.

import { posix } from 'node:path'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { BlockReader } from '../dag/codecs.ts'
import { isDirectory, listDirectory, readNode } from '../dag/unixfs.ts'

export interface WalkedEntry {
  cid: CID
  /** Under the name of the root as its first segment; `..` is resolved. */
  path: string
  type: 'file' | 'directory' | 'symlink'
  /** Bytes of a file. */
  size: number
  /** Of a symlink. */
  target?: string
}

export interface WalkLimits {
  /** What the root is called. */
  top: string
  /** A directory that holds itself many times over is small on disk and endless on the way through. */
  maxEntries: number
  signal: AbortSignal
}

const maxPathLength = 4096

/**
 * Throws FOLDER_REFUSED for names that lead out of the tree or stand in it twice, and for too many or too deep,
 * CONTENT_NOT_FOUND when a block is missing.
 */
export async function* walkTree(
  reader: BlockReader,
  root: CID,
  { top, maxEntries, signal }: WalkLimits,
): AsyncGenerator<WalkedEntry> {
  const seen = new Set<string>()
  const folders = new Set<string>()
  const stack = [{ cid: root, path: top }]
  for (let next = stack.pop(); next; next = stack.pop()) {
    signal.throwIfAborted()
    const { cid, path } = next
    refuseOddPath(top, path, folders)
    if (seen.has(path)) throw refused(top, `${path} is twice in it`)
    if (seen.size >= maxEntries) throw refused(top, `there are more than ${maxEntries} entries in it`)
    seen.add(path)
    const node = readNode({ cid, bytes: await reader.get(cid) })
    if (isDirectory(node)) {
      folders.add(path)
      yield { cid, path, type: 'directory', size: 0 }
      const children: typeof stack = []
      for await (const { name, cid: child } of listDirectory(reader, cid)) {
        children.push({ cid: child, path: posix.join(path, name) })
        if (seen.size + children.length > maxEntries) break
      }
      for (const child of children.reverse()) stack.push(child)
    } else if (node.type === 'symlink') {
      const target = Buffer.from(node.data).toString()
      if (target === '' || target.includes('\0')) throw refused(top, `${path} links to nowhere`)
      yield { cid, path, type: 'symlink', size: 0, target }
    } else yield { cid, path, type: 'file', size: node.size }
  }
}

/** What is not in a folder of the tree could be written through a link by whoever unpacks it. */
function refuseOddPath(top: string, path: string, folders: ReadonlySet<string>): void {
  const shown = JSON.stringify(path.slice(0, 200))
  if (path.length > maxPathLength) throw refused(top, `${shown}... is too long`)
  if (path.includes('\0')) throw refused(top, `${shown} has a NUL in it`)
  if (path === top) return
  if (!folders.has(posix.dirname(path))) throw refused(top, `${shown} is in no folder of it`)
}

function refused(root: string, reason: string): WasmateError {
  return new WasmateError('FOLDER_REFUSED', `${root}: ${reason}`)
}
