// Memory of a module that stands still: what many values ask for is fetched once, a piece at a time.

import type { ReadMemory } from './values.ts'

const pieceBytes = 4_096

/** As many of the bytes as there are. */
export function keepRead(fetch: ReadMemory): ReadMemory {
  const kept = new Map<number, Promise<Uint8Array>>()
  const pieceAt = (start: number): Promise<Uint8Array> => {
    const piece = kept.get(start) ?? fetch(start, pieceBytes)
    kept.set(start, piece)
    return piece
  }
  return async (address, length) => {
    if (length > pieceBytes) return fetch(address, length)
    const start = address - (address % pieceBytes)
    const at = address - start
    const piece = await pieceAt(start)
    if (at + length <= piece.length) return piece.subarray(at, at + length)
    return Buffer.concat([piece, await pieceAt(start + pieceBytes)]).subarray(at, at + length)
  }
}
