// Content that is too large to be held, and what this process holds.

import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export const mebibyte = 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of array buffers, garbage not counted: V8 lets go of some of it only while something else is done. */
export async function heldBytes(): Promise<number> {
  let least = Infinity
  for (let round = 0; round < 5; round++) {
    collectGarbage()
    least = Math.min(least, process.memoryUsage().arrayBuffers)
    await setImmediate()
  }
  return least
}

/** So many mebibytes, other ones for each number, each made when it is wanted; `atEnd` is done before the end is told. */
export async function* largeContent(
  { first, count }: { first: number; count: number },
  atEnd: () => Promise<unknown> = async () => undefined,
): AsyncGenerator<Buffer> {
  for (let index = first; index < first + count; index++) yield largeChunk(index)
  await atEnd()
}

export function largeChunk(index: number): Buffer {
  return Buffer.alloc(mebibyte, createHash('sha256').update(String(index)).digest())
}
