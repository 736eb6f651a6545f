// What the URLs of every gateway here have in common: a path under a root, and which bytes of a file are wanted.

import { WasmateError } from '../base/errors.ts'
import type { EntityBytes } from '../content/dag/select.ts'

/** Segments without empty ones, each decoded once; throws INPUT_INVALID. */
export function decodePath(pathname: string): string[] {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent)
  } catch (error) {
    throw new WasmateError('INPUT_INVALID', `path ${pathname}`, { cause: error })
  }
}

/** `undefined` for what is not `from:to`, where `to` may be `*`. */
export function parseEntityBytes(text: string): EntityBytes | undefined {
  const [, from, to] = /^(-?\d{1,15}):(\*|-?\d{1,15})$/.exec(text) ?? []
  if (from === undefined || to === undefined) return undefined
  return to === '*' ? { from: Number(from) } : { from: Number(from), to: Number(to) }
}
