// filestat of WASI preview 1: 64 bytes on a file, a folder or a link.

import { type BigIntStats, fstatSync, lstatSync } from 'node:fs'
import type { OpenFile, OpenFolder } from './descriptors.ts'

/** Of what is open, or of the path itself, a link not followed. */
export function writeStat(
  memory: WebAssembly.Memory,
  pointer: number,
  subject: OpenFile | OpenFolder | string,
): void {
  const stats =
    typeof subject === 'object' && subject.kind === 'file'
      ? fstatSync(subject.handle, { bigint: true })
      : lstatSync(typeof subject === 'string' ? subject : subject.path, { bigint: true })
  const view = new DataView(memory.buffer, pointer, 64)
  view.setBigUint64(0, stats.dev, true)
  view.setBigUint64(8, stats.ino, true)
  view.setBigUint64(16, BigInt(fileType(stats)), true)
  const rest = [stats.nlink, stats.size, stats.atimeNs, stats.mtimeNs, stats.ctimeNs]
  for (const [index, value] of rest.entries()) view.setBigUint64(24 + index * 8, value, true)
}

/** 0 for what is none of them. */
export function fileType(stats: Pick<BigIntStats, 'isDirectory' | 'isFile' | 'isSymbolicLink'>): number {
  if (stats.isDirectory()) return 3
  if (stats.isFile()) return 4
  return stats.isSymbolicLink() ? 7 : 0
}
