// WASI preview 1's files, in the folders that are allowed: descriptors, reading and writing. Paths are in paths.ts.

import { fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import type { OpenFile } from './descriptors.ts'
import { type Call, Refusal, answerErrors } from './errno.ts'
import type { FileCalls, FileScene } from './file-scene.ts'
import { createPathCalls } from './paths.ts'
import { writeStat } from './stat.ts'

/** For descriptors of 3 and up. */
export function createFileCalls(scene: FileScene): Record<string, Call> {
  const calls = {
    ...createPreopens(scene),
    ...createTransfers(scene),
    ...createPositions(scene),
    ...createStates(scene),
    ...createPathCalls(scene),
  }
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, answerErrors(call)]))
}

function createPreopens({ memory, descriptors }: FileScene): FileCalls {
  const nameOf = (fd: number): Buffer => {
    const found = descriptors.get(fd)
    if (found.kind === 'file' || found.name === undefined) throw new Refusal('badf')
    return Buffer.from(found.name)
  }
  return {
    fd_prestat_get: (fd = 0, pointer = 0) => {
      const view = new DataView(memory().buffer)
      const name = nameOf(fd)
      view.setUint32(pointer, 0, true)
      view.setUint32(pointer + 4, name.length, true)
    },
    fd_prestat_dir_name: (fd = 0, pointer = 0, length = 0) => {
      const name = nameOf(fd)
      if (length < name.length) throw new Refusal('nametoolong')
      new Uint8Array(memory().buffer, pointer, name.length).set(name)
    },
  }
}

type Transfer = (file: OpenFile, bytes: Uint8Array, position: number) => number

const read: Transfer = ({ handle, canRead }, bytes, position) => {
  if (!canRead) throw new Refusal('badf')
  return readSync(handle, bytes, 0, bytes.length, position)
}

const write: Transfer = ({ handle, canWrite }, bytes, position) => {
  if (!canWrite) throw new Refusal('badf')
  return writeSync(handle, bytes, 0, bytes.length, position)
}

function createTransfers({ memory, descriptors }: FileScene): FileCalls {
  // Gives how many bytes went over the vectors, up to the first that was not filled.
  const move = (
    transfer: Transfer,
    file: OpenFile,
    start: number,
    [vectors, count, moved]: number[],
  ): number => {
    const view = new DataView(memory().buffer)
    view.setUint32(moved ?? 0, 0, true)
    let total = 0
    for (let at = vectors ?? 0; at < (vectors ?? 0) + (count ?? 0) * 8; at += 8) {
      const bytes = new Uint8Array(view.buffer, view.getUint32(at, true), view.getUint32(at + 4, true))
      const done = bytes.length === 0 ? 0 : transfer(file, bytes, start + total)
      total += done
      if (done < bytes.length) break
    }
    view.setUint32(moved ?? 0, total, true)
    return total
  }
  return {
    fd_read: (fd = 0, ...rest) => {
      const file = descriptors.file(fd)
      file.position += move(read, file, file.position, rest)
    },
    fd_pread: (fd = 0, vectors = 0, count = 0, offset = 0, moved = 0) => {
      move(read, descriptors.file(fd), checkOffset(offset), [vectors, count, moved])
    },
    fd_write: (fd = 0, ...rest) => {
      const file = descriptors.file(fd)
      if (file.append) file.position = fstatSync(file.handle).size
      file.position += move(write, file, file.position, rest)
    },
    fd_pwrite: (fd = 0, vectors = 0, count = 0, offset = 0, moved = 0) => {
      move(write, descriptors.file(fd), checkOffset(offset), [vectors, count, moved])
    },
  }
}

function checkOffset(offset: number): number {
  if (offset < 0 || !Number.isSafeInteger(offset)) throw new Refusal('inval')
  return offset
}

function createPositions({ memory, descriptors }: FileScene): FileCalls {
  const put = (pointer: number, position: number): void =>
    new DataView(memory().buffer).setBigUint64(pointer, BigInt(position), true)
  return {
    fd_seek: (fd = 0, offset = 0, whence = 0, pointer = 0) => {
      const file = descriptors.file(fd)
      const [start, here, end] = [0, 1, 2]
      if (whence !== start && whence !== here && whence !== end) throw new Refusal('inval')
      const from = whence === start ? 0 : whence === here ? file.position : fstatSync(file.handle).size
      const position = checkOffset(from + offset)
      put(pointer, position)
      file.position = position
    },
    fd_tell: (fd = 0, pointer = 0) => put(pointer, descriptors.file(fd).position),
    fd_close: (fd = 0) => descriptors.close(fd),
  }
}

// Rights, as bits: of a folder that may be read only, those that change nothing.
const allRights = (1n << 29n) - 1n
const readRights = [1n, 2n, 3n, 5n, 13n, 14n, 15n, 18n, 21n, 27n].reduce((all, bit) => all | (1n << bit), 0n)
const [readBit, writeBit] = [1n << 1n, 1n << 6n]

function createStates({ memory, descriptors }: FileScene): FileCalls {
  return {
    fd_fdstat_get: (fd = 0, pointer = 0) => {
      const found = descriptors.get(fd)
      const isFolder = found.kind === 'folder'
      const mayChange = isFolder ? !found.readOnly : found.canWrite
      const unreadable = isFolder || found.canRead ? 0n : readBit
      const rights = (mayChange ? allRights : readRights & ~writeBit) & ~unreadable
      const [folderType, fileType] = [3, 4]
      new Uint8Array(memory().buffer, pointer, 24).fill(0)[0] = isFolder ? folderType : fileType
      const view = new DataView(memory().buffer, pointer, 24)
      view.setUint16(2, !isFolder && found.append ? 1 : 0, true)
      view.setBigUint64(8, rights, true)
      view.setBigUint64(16, rights, true)
    },
    fd_fdstat_set_flags: (fd = 0, flags = 0) => {
      const file = descriptors.file(fd)
      const [append, nonblock] = [1, 4]
      if ((flags & ~nonblock) !== (file.append ? append : 0)) throw new Refusal('notsup')
    },
    fd_filestat_get: (fd = 0, pointer = 0) => writeStat(memory(), pointer, descriptors.get(fd)),
    fd_filestat_set_size: (fd = 0, size = 0) => {
      const { handle, canWrite } = descriptors.file(fd)
      if (!canWrite) throw new Refusal('badf')
      ftruncateSync(handle, checkOffset(size))
    },
    fd_sync: (fd = 0) => fsyncSync(descriptors.file(fd).handle),
    fd_datasync: (fd = 0) => fdatasyncSync(descriptors.file(fd).handle),
  }
}
