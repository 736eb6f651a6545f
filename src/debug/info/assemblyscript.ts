// What the AssemblyScript compiler tells of a module -> what a debugger knows of it.

import { resolve } from 'node:path'
import type {
  DebugFunction,
  DebugInfo,
  DebugSymbols,
  DebugVariable,
  LineRow,
  Place,
  SourceRange,
  SymbolVariable,
} from '../../debug-info.ts'
import type { ModuleFunction, ModuleParts } from './module.ts'
import { decodeSourceMap } from './source-map.ts'

export interface SymbolPlaces {
  bytes: Uint8Array
  parts: ModuleParts
  /** What the names of sources are relative to. */
  folder: string
}

export function fromSymbols(
  symbols: DebugSymbols,
  { bytes, parts: { functions, globals }, folder }: SymbolPlaces,
): DebugInfo {
  const { sources, rows: mapped } = decodeSourceMap(symbols.sourceMap)
  const isIn = (row: LineRow, range: SourceRange): boolean =>
    sources[row.source] === range.source && isWithin(row, range)
  const written = withoutDefaults(mapped, (row) => symbols.defaults.some((each) => isIn(row, each)))
  const rows = placeDroppedCalls(closeFunctions(written, functions), bytes)
  const variables = new Map(symbols.functions.map((each) => [each.name, each.variables]))
  const globalIndex = new Map([...globals].map(([index, name]) => [name, index]))
  return {
    sources: sources.map((name) => (name.startsWith('~lib/') ? name : resolve(folder, name))),
    rows,
    functions: functions.map((each) => {
      const own = rows.slice(firstFrom(rows, each.start), firstFrom(rows, each.end))
      return toFunction(each, own, variables.get(each.name ?? '') ?? [], isIn)
    }),
    globals: symbols.globals.flatMap((each) => {
      const index = globalIndex.get(String(each.index))
      const constant = constantOf(each)
      if (constant) return [toVariable(each, constant)]
      return index === undefined ? [] : [toVariable(each, { at: 'global', index })]
    }),
    types: symbols.types,
  }
}

function toVariable(
  { name, type, isParameter, isMember }: SymbolVariable,
  ...places: DebugVariable['places']
): DebugVariable {
  return { name, type, places, ...(isParameter && { isParameter }), ...(isMember && { isMember }) }
}

function toFunction(
  { name, index, start, end, locals }: ModuleFunction,
  rows: LineRow[],
  variables: SymbolVariable[],
  isIn: (row: LineRow, range: SourceRange) => boolean,
): DebugFunction {
  const first = rows.find(({ line }) => line > 0)
  const placed = variables.map((each) => {
    const place: Place = constantOf(each) ?? { at: 'local', index: indexOf(each, locals) }
    const { scope, outside } = each
    const range = scope ?? outside
    if (!range) return { size: Infinity, variable: toVariable(each, place) }
    const parts = partsOf(rows, end, (row) => isIn(row, range) === (scope !== undefined))
    const size = parts.reduce((sum, part) => sum + part.end - part.start, 0)
    return { size, variable: toVariable(each, ...parts.map((part): Place => ({ ...place, ...part }))) }
  })
  return {
    name: sayName(name) ?? `function ${index}`,
    start,
    end,
    body: first?.offset ?? start,
    ...(isStub(name) && { isStub: true }),
    // Of two of one name that of the inner block is meant.
    variables: placed
      .sort((one, other) => (one.size === other.size ? 0 : other.size - one.size))
      .map(({ variable }) => variable),
  }
}

function constantOf({ constant }: SymbolVariable): Place | undefined {
  return constant === undefined ? undefined : { at: 'constant', bytes: Buffer.from(constant, 'hex') }
}

/** The parts of a function whose rows are meant; what no line stands for is of the line before it. */
function partsOf(
  rows: LineRow[],
  end: number,
  isMeant: (row: LineRow) => boolean,
): { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = []
  let start: number | undefined
  for (const row of rows) {
    if (row.line === 0 || isMeant(row) === (start !== undefined)) continue
    if (start !== undefined) parts.push({ start, end: row.offset })
    start = start === undefined ? row.offset : undefined
  }
  return start === undefined ? parts : [...parts, { start, end }]
}

function isWithin({ line, column }: LineRow, { start, end }: SourceRange): boolean {
  const isBefore = ([otherLine, otherColumn]: [number, number]): boolean =>
    line < otherLine || (line === otherLine && column < otherColumn)
  return !isBefore(start) && isBefore(end)
}

/** The value of a parameter that was left out is of the line of the call, where the compiler puts it. */
function withoutDefaults(rows: LineRow[], isDefault: (row: LineRow) => boolean): LineRow[] {
  return rows.filter((row) => row.line === 0 || !isDefault(row))
}

/** The place of the first row that is not before the offset. */
function firstFrom(rows: readonly LineRow[], offset: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.offset ?? Infinity) < offset) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * In the module locals stand by their types, and so in another order than the compiler's. The second of a name has the
 * number that it had there behind it.
 */
function indexOf({ name, index }: SymbolVariable, locals: ReadonlyMap<number, string>): number {
  const named = [...locals]
  const found = named.find(([, own]) => own === `${name}|${index}`) ?? named.find(([, own]) => own === name)
  return found?.[0] ?? Number(index)
}

/** Of a method that others override, or of a function whose last parameters may be left out. */
function isStub(name = ''): boolean {
  return /@(?:override|virtual|varargs)$/.test(name)
}

/** `index/Point#get:x` is `Point#get:x`. */
function sayName(name: string | undefined): string | undefined {
  return name?.replace(/(?:[\w~@.-]+\/)+/g, '')
}

/** A function that the map has nothing of must not look like the end of the one before it. */
function closeFunctions(rows: LineRow[], functions: ModuleFunction[]): LineRow[] {
  const ends = functions.map(({ code }): LineRow => ({ offset: code, source: 0, line: 0, column: 0 }))
  return [...ends, ...rows].sort((one, other) => one.offset - other.offset)
}

const opcodes = { call: 0x10, drop: 0x1a }

/**
 * The compiler gives a call whose result is dropped no place, only its drop: a line that begins with one would be taken
 * to begin after it.
 */
function placeDroppedCalls(rows: LineRow[], bytes: Uint8Array): LineRow[] {
  return rows.map((row, at) => {
    const next = rows[at + 1]
    const isOfDrop = row.line === 0 && next !== undefined && bytes[next.offset] === opcodes.drop
    return isOfDrop && isCall(bytes.subarray(row.offset, next.offset)) ? { ...next, offset: row.offset } : row
  })
}

/** `call` and the index of a function, and nothing else. Section 5.4.1 */
function isCall([opcode, ...index]: Uint8Array): boolean {
  return opcode === opcodes.call && index.findIndex((byte) => byte < 0x80) === index.length - 1
}
