// A directory of UnixFS read back whole: its files with their paths, within limits that no DAG gets around.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { Block, BlockReader } from './codecs.ts'
import { isDirectory, listDirectory, readNode, tooLarge, walkFile } from './unixfs.ts'

export interface FolderLimits {
  /** Most files and folders in it, and blocks of directories. */
  maxFiles: number
  /** Bytes of all files; the same block twice is counted twice. */
  maxBytes: number
}

export interface FolderFile {
  /** With forward slashes, relative to the folder; no segment is empty, `.` or `..`. */
  path: string
  bytes: Uint8Array
}

const maxDepth = 32

/**
 * Throws FOLDER_REFUSED for links, odd names, and more files or depth than allowed, CONTENT_TOO_LARGE for more
 * bytes, CONTENT_NOT_FOUND when the root is no directory.
 */
export async function extractFolder(
  reader: BlockReader,
  root: CID,
  limits: FolderLimits,
): Promise<FolderFile[]> {
  const folder = new Folder(reader, root, limits)
  await folder.take(root, [])
  return folder.files
}

class Folder {
  readonly files: FolderFile[] = []
  readonly #reader: BlockReader
  readonly #root: CID
  readonly #limits: FolderLimits
  #entries = 0
  #bytes = 0

  constructor(reader: BlockReader, root: CID, limits: FolderLimits) {
    this.#reader = reader
    this.#root = root
    this.#limits = limits
  }

  /** A directory may hang in another many times, so places are counted, not blocks. */
  async take(cid: CID, path: string[]): Promise<void> {
    const node = readNode({ cid, bytes: await this.#reader.get(cid) })
    if (isDirectory(node)) return this.#takeDirectory(cid, path)
    if (path.length === 0) {
      throw new WasmateError('CONTENT_NOT_FOUND', `${cid.toString()} is a ${node.type}, not a folder`)
    }
    const name = path.join('/')
    if (node.type === 'symlink') throw this.#refuse(`${JSON.stringify(name)} is a symbolic link`)
    if (this.files.length === this.#limits.maxFiles) throw this.#tooMany()
    this.#bytes += node.size
    if (this.#bytes > this.#limits.maxBytes) {
      throw tooLarge(this.#root, this.#bytes, this.#limits.maxBytes)
    }
    const parts: Uint8Array[] = []
    for await (const { data } of walkFile(this.#reader, cid)) parts.push(data)
    this.files.push({ path: name, bytes: Buffer.concat(parts) })
  }

  async #takeDirectory(cid: CID, path: string[]): Promise<void> {
    if (path.length > maxDepth) throw this.#refuse(`it is deeper than ${maxDepth} folders`)
    const count = (_: Block): void => this.#countEntry()
    for await (const { name, cid: below } of listDirectory(this.#reader, cid, count)) {
      this.#countEntry()
      if (isOdd(name)) throw this.#refuse(`${JSON.stringify(name.slice(0, 200))} is no plain file name`)
      await this.take(below, [...path, name])
    }
  }

  #countEntry(): void {
    // Each file may stand in a folder of its own, and each folder has a block.
    if (++this.#entries > 3 * this.#limits.maxFiles + maxDepth) throw this.#tooMany()
  }

  #tooMany(): WasmateError {
    return this.#refuse(`it has more than ${this.#limits.maxFiles} files`)
  }

  #refuse(detail: string): WasmateError {
    return new WasmateError('FOLDER_REFUSED', `${this.#root.toString()}: ${detail}`)
  }
}

function isOdd(name: string): boolean {
  return name === '' || name === '.' || name === '..' || /[/\\\p{Cc}]/u.test(name)
}
