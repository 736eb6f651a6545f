// Open files and folders of one instance, and where a path of it leads: never out of its folder.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
} from 'node:fs'
import { join, sep } from 'node:path'
import { Refusal } from './errno.ts'
import type { Folder } from './folders.ts'

export interface OpenFolder {
  kind: 'folder'
  path: string
  readOnly: boolean
  /** As functions see it, of those that are there from the start. */
  name?: string
  /** What is in it, as of the last time it was read from the beginning. */
  names?: string[]
}

export interface OpenFile {
  kind: 'file'
  /** Of this process. */
  handle: number
  position: number
  canRead: boolean
  canWrite: boolean
  append: boolean
}

export interface OpenRequest {
  create: boolean
  folder: boolean
  exclusive: boolean
  truncate: boolean
  read: boolean
  write: boolean
  append: boolean
  follow: boolean
}

const maxOpen = 64
const first = 3

export class Descriptors {
  readonly #open = new Map<number, OpenFile | OpenFolder>()
  readonly #limit: number

  constructor(folders: readonly Folder[]) {
    for (const [index, folder] of folders.entries())
      this.#open.set(first + index, { kind: 'folder', ...folder })
    this.#limit = folders.length + maxOpen
  }

  get(fd: number): OpenFile | OpenFolder {
    const found = this.#open.get(fd)
    if (!found) throw new Refusal('badf')
    return found
  }

  file(fd: number): OpenFile {
    const found = this.get(fd)
    if (found.kind === 'folder') throw new Refusal('isdir')
    return found
  }

  folder(fd: number): OpenFolder {
    const found = this.get(fd)
    if (found.kind === 'file') throw new Refusal('notdir')
    return found
  }

  writableFolder(fd: number): OpenFolder {
    const found = this.folder(fd)
    if (found.readOnly) throw new Refusal('rofs')
    return found
  }

  open(folder: OpenFolder, name: string, request: OpenRequest): number {
    if (this.#open.size >= this.#limit) throw new Refusal('mfile')
    const changes = request.create || request.truncate || request.write
    if (changes && folder.readOnly) throw new Refusal('rofs')
    const path = locate(folder, name, request.follow)
    let fd = first
    while (this.#open.has(fd)) fd++
    this.#open.set(fd, openAt(path, request, folder.readOnly))
    return fd
  }

  close(fd: number): void {
    const found = this.get(fd)
    this.#open.delete(fd)
    if (found.kind === 'file') closeSync(found.handle)
  }

  closeAll(): void {
    for (const fd of [...this.#open.keys()]) this.close(fd)
  }
}

/**
 * Absolute path of what `name` leads to from the folder, links on the way followed, and the last one if `follow`. What
 * is not there may be made there. Throws notcapable when it is not in the folder.
 */
export function locate(folder: OpenFolder, name: string, follow: boolean): string {
  if (name.startsWith('/')) throw new Refusal('notcapable')
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined) throw new Refusal('notcapable')
    if (part !== '..' && part !== '.' && part !== '') parts.push(part)
  }
  const last = parts.pop()
  // A folder that was moved away, and a link put in its place, leads elsewhere too.
  const parent = realpathSync.native(join(folder.path, ...parts))
  if (!isWithin(folder.path, parent)) throw new Refusal('notcapable')
  if (last === undefined) return parent
  const path = join(parent, last)
  if (!follow || !lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path
  const target = realpathSync.native(path)
  if (!isWithin(folder.path, target)) throw new Refusal('notcapable')
  return target
}

/** As `locate`, for what is made, moved or removed: not the folder itself. */
export function locateEntry(folder: OpenFolder, name: string): string {
  const path = locate(folder, name, false)
  if (path === folder.path || /(^|\/)\.{0,2}\/*$/.test(name.replace(/\/+$/, ''))) throw new Refusal('inval')
  return path
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function openAt(path: string, request: OpenRequest, readOnly: boolean): OpenFile | OpenFolder {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) {
    if (request.create && request.exclusive) throw new Refusal('exist')
    if (request.write || request.create || request.truncate) throw new Refusal('isdir')
    return { kind: 'folder', path, readOnly }
  }
  if (found?.isSymbolicLink()) throw new Refusal('loop')
  // Not even opened: that alone can block, or do something to a device.
  if (found && !found.isFile()) throw new Refusal('notcapable')
  if (request.folder) throw new Refusal(found ? 'notdir' : 'noent')
  return openFile(path, request)
}

function openFile(path: string, request: OpenRequest): OpenFile {
  const { read, write, append, create, exclusive, truncate } = request
  const canWrite = write || truncate
  const access = canWrite ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY
  const making = (create ? constants.O_CREAT : 0) | (exclusive ? constants.O_EXCL : 0)
  const handle = openSync(
    path,
    access | making | (append ? constants.O_APPEND : 0) | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    0o666,
  )
  try {
    if (!fstatSync(handle).isFile() || !isAt(handle, path)) throw new Refusal('notcapable')
    if (truncate) ftruncateSync(handle)
  } catch (error) {
    closeSync(handle)
    throw error
  }
  return { kind: 'file', handle, position: 0, canRead: read || !canWrite, canWrite, append }
}

/** Whether what was opened is what was looked at: another call can have moved a folder in between. Known on Linux. */
function isAt(handle: number, path: string): boolean {
  return process.platform !== 'linux' || readlinkSync(`/proc/self/fd/${handle}`) === path
}
