// Paths of the mutable file system: absolute, cleaned as Kubo cleans them.

import { posix } from 'node:path'
import { WasmateError } from '../../base/errors.ts'

export interface FilePath {
  /** Without a slash at its end. */
  text: string
  /** None for the root. */
  names: string[]
  /** A slash stood at its end: a directory is meant. */
  isDirectory: boolean
}

/** Most directories one below the other. */
const maxDepth = 512

/** Throws INPUT_INVALID in Kubo's words. */
export function parseFilePath(path: string): FilePath {
  if (path === '') throw new WasmateError('INPUT_INVALID', 'paths must not be empty')
  if (!path.startsWith('/')) throw new WasmateError('INPUT_INVALID', 'paths must start with a leading slash')
  const cleaned = posix.normalize(path)
  const names = cleaned.split('/').filter(Boolean)
  if (names.length > maxDepth) {
    throw new WasmateError('INPUT_INVALID', `paths must not have more than ${maxDepth} names`)
  }
  return { text: `/${names.join('/')}`, names, isDirectory: cleaned.endsWith('/') }
}

/** Where something is to be put; throws INPUT_INVALID for the root, which has no place. */
export function splitLast({ names, text }: FilePath): { parent: string[]; name: string } {
  const name = names.at(-1)
  if (name === undefined) throw new WasmateError('INPUT_INVALID', `${text} is the root`)
  return { parent: names.slice(0, -1), name }
}

/** Whether the second lies in the first, or is it. */
export function isWithin(outer: FilePath, inner: FilePath): boolean {
  return outer.names.every((name, index) => inner.names[index] === name)
}
