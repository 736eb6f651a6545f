// A module and a limit in bytes -> the same module with its memory held to that limit.
// V8 enforces the maximum that a module names, and nothing else caps what memory.grow takes.

import { WasmateError } from '../base/errors.ts'
import { type Limits, WasmReader, readSections, sectionIds } from '../base/wasm/reader.ts'

const pageBytes = 65_536
const mostPages = 65_536

/** Whole pages of a limit in bytes; no 32-bit memory has more than 65,536. */
export function toPages(maxBytes: number): number {
  return Math.min(Math.floor(maxBytes / pageBytes), mostPages)
}

/**
 * Rewrites the memory section alone; every other byte stays. Gives the same bytes when there is nothing to lower.
 * Throws MEMORY_LIMIT when the module starts with more than `maxBytes`, WASM_INVALID when it has several memories.
 */
export function capMemory(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const maxPages = toPages(maxBytes)
  for (const { id, header, start, end } of readSections(bytes)) {
    if (id !== sectionIds.memory) continue
    const reader = new WasmReader(bytes, start, end)
    const count = reader.u32()
    if (count === 0) return bytes
    if (count > 1)
      throw new WasmateError('WASM_INVALID', `it has ${count} memories; one can be held to a limit`)
    const flags = reader.peek()
    const limits = reader.limits()
    checkMinimum(limits, maxPages)
    if (limits.maxPages !== undefined && limits.maxPages <= maxPages) return bytes
    const content = [1, flags | 1, ...leb128(limits.minPages), ...leb128(maxPages)]
    const section = [sectionIds.memory, ...leb128(content.length), ...content]
    return Buffer.concat([bytes.subarray(0, header), Buffer.from(section), bytes.subarray(end)])
  }
  return bytes
}

function checkMinimum({ minPages }: Limits, maxPages: number): void {
  if (minPages <= maxPages) return
  throw new WasmateError(
    'MEMORY_LIMIT',
    `the module starts with ${minPages * pageBytes} bytes, and its limit is ${maxPages * pageBytes}`,
  )
}

// Section 5.2.2 of the core specification
function leb128(value: number): number[] {
  const low = value % 128
  return value < 128 ? [low] : [low + 128, ...leb128(Math.floor(value / 128))]
}
