// A source map of a module (ECMA-426, and WebAssembly's convention for it): one line, its columns offsets of bytes.

import { z } from 'zod'
import type { LineRow } from '../../debug-info.ts'

const schema = z.object({
  version: z.literal(3),
  sources: z.array(z.string().nullable()),
  sourceRoot: z.string().optional(),
  mappings: z.string(),
})

export interface DecodedMap {
  sources: string[]
  rows: LineRow[]
}

/** Throws what JSON and zod throw for what is no such map. */
export function decodeSourceMap(json: string): DecodedMap {
  const { sources, sourceRoot = '', mappings } = schema.parse(JSON.parse(json))
  const named = sources.map((source) =>
    source?.startsWith('~lib/') ? source : `${sourceRoot}${source ?? ''}`,
  )
  return { sources: named, rows: decodeMappings(mappings.split(';')[0] ?? '') }
}

function decodeMappings(line: string): LineRow[] {
  const rows: LineRow[] = []
  let [offset, source, row, column] = [0, 0, 0, 0]
  for (const segment of line.split(',')) {
    const [byOffset, bySource, byRow = 0, byColumn = 0] = decodeNumbers(segment)
    if (byOffset === undefined) continue
    offset += byOffset
    if (bySource === undefined) {
      rows.push({ offset, source, line: 0, column: 0 })
      continue
    }
    source += bySource
    row += byRow
    column += byColumn
    rows.push({ offset, source, line: row + 1, column: column + 1 })
  }
  return rows.sort((one, other) => one.offset - other.offset)
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base 64 VLQ: five bits a digit, the lowest first; of the whole the lowest bit is the sign. */
function decodeNumbers(segment: string): number[] {
  const numbers: number[] = []
  let [value, shift] = [0, 0]
  for (const character of segment) {
    const digit = digits.indexOf(character)
    value += (digit & 31) << shift
    shift += 5
    if ((digit & 32) !== 0) continue
    numbers.push((value & 1) !== 0 ? -(value >> 1) : value >> 1)
    value = shift = 0
  }
  return numbers
}
