// WASI preview 1's calls with paths: opening, listing, making, moving and removing, always within a folder.

import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type OpenFolder, locate, locateEntry } from './descriptors.ts'
import { Refusal } from './errno.ts'
import type { FileCalls, FileScene } from './file-scene.ts'
import { fileType, writeStat } from './stat.ts'

const maxPathBytes = 4096

export function createPathCalls(scene: FileScene): FileCalls {
  return { ...createOpening(scene), ...createListing(scene), ...createChanges(scene) }
}

/** Throws a TypeError with a code when it is not UTF-8. */
function readPath(memory: WebAssembly.Memory, pointer: number, length: number): string {
  if (length > maxPathBytes) throw new Refusal('nametoolong')
  const path = new TextDecoder('utf-8', { fatal: true }).decode(
    new Uint8Array(memory.buffer, pointer, length),
  )
  if (path === '') throw new Refusal('noent')
  return path
}

function createOpening({ memory, descriptors }: FileScene): FileCalls {
  return {
    path_open: (...numbers) => {
      const [fd = 0, lookup = 0, path = 0, length = 0, flags = 0, rights = 0, , state = 0, opened = 0] =
        numbers
      const has = (value: number, bit: number): boolean => (value & bit) !== 0
      const view = new DataView(memory().buffer)
      // What can't be told is not opened.
      view.setUint32(opened, 0, true)
      const request = {
        ...{
          create: has(flags, 1),
          folder: has(flags, 2),
          exclusive: has(flags, 4),
          truncate: has(flags, 8),
        },
        ...{ read: has(rights, 1 << 1), write: has(rights, 1 << 6) },
        ...{ append: has(state, 1), follow: has(lookup, 1) },
      }
      const name = readPath(memory(), path, length)
      view.setUint32(opened, descriptors.open(descriptors.folder(fd), name, request), true)
    },
    path_filestat_get: (fd = 0, lookup = 0, path = 0, length = 0, pointer = 0) => {
      const name = readPath(memory(), path, length)
      writeStat(memory(), pointer, locate(descriptors.folder(fd), name, (lookup & 1) !== 0))
    },
  }
}

function createListing({ memory, descriptors }: FileScene): FileCalls {
  return {
    fd_readdir: (fd = 0, pointer = 0, length = 0, cookie = 0, used = 0) => {
      const buffer = new Uint8Array(memory().buffer, pointer, length)
      const view = new DataView(memory().buffer)
      view.setUint32(used, 0, true)
      const folder = descriptors.folder(fd)
      if (cookie === 0 || !folder.names) folder.names = readdirSync(locate(folder, '.', false)).sort()
      let filled = 0
      for (let index = cookie; filled < length; index++) {
        const name = folder.names[index]
        if (name === undefined) break
        const entry = toEntry(folder, name, index + 1).subarray(0, length - filled)
        buffer.set(entry, filled)
        filled += entry.length
      }
      view.setUint32(used, filled, true)
    },
  }
}

// dirent: where to go on, inode, length of the name, type, and the name behind it.
function toEntry(folder: OpenFolder, name: string, next: number): Buffer {
  const bytes = Buffer.from(name)
  const head = Buffer.alloc(24)
  const stats = lstatSync(join(folder.path, name), { bigint: true, throwIfNoEntry: false })
  head.writeBigUInt64LE(BigInt(next), 0)
  head.writeBigUInt64LE(stats?.ino ?? 0n, 8)
  head.writeUInt32LE(bytes.length, 16)
  head.writeUInt8(stats ? fileType(stats) : 0, 20)
  return Buffer.concat([head, bytes])
}

function createChanges({ memory, descriptors }: FileScene): FileCalls {
  const entry = (fd: number, path: number, length: number): string => {
    const name = readPath(memory(), path, length)
    return locateEntry(descriptors.writableFolder(fd), name)
  }
  return {
    path_create_directory: (fd = 0, path = 0, length = 0) => mkdirSync(entry(fd, path, length)),
    path_unlink_file: (fd = 0, path = 0, length = 0) => unlinkSync(entry(fd, path, length)),
    path_remove_directory: (fd = 0, path = 0, length = 0) => rmdirSync(entry(fd, path, length)),
    path_rename: (fd = 0, path = 0, length = 0, toFd = 0, toPath = 0, toLength = 0) => {
      const from = entry(fd, path, length)
      // Elsewhere a relative link would lead elsewhere.
      if (lstatSync(from).isSymbolicLink()) throw new Refusal('notcapable')
      renameSync(from, entry(toFd, toPath, toLength))
    },
  }
}
