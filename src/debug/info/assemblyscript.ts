// What the AssemblyScript compiler tells of a module -> what a debugger knows of it.

import { resolve } from 'node:path'
import type {
  DebugFunction,
  DebugInfo,
  DebugSymbols,
  DebugVariable,
  LineRow,
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
  const rows = placeDroppedCalls(closeFunctions(mapped, functions), bytes)
  const variables = new Map(symbols.functions.map((each) => [each.name, each.variables]))
  const globalIndex = new Map([...globals].map(([index, name]) => [name, index]))
  return {
    sources: sources.map((name) => (name.startsWith('~lib/') ? name : resolve(folder, name))),
    rows,
    functions: functions.map((each) => toFunction(each, rows, variables.get(each.name ?? '') ?? [])),
    globals: symbols.globals.flatMap((each) => {
      const index = globalIndex.get(String(each.index))
      return index === undefined ? [] : [toVariable(each, { at: 'global', index })]
    }),
    types: symbols.types,
  }
}

function toVariable(
  { name, type, isParameter }: SymbolVariable,
  place: DebugVariable['places'][0],
): DebugVariable {
  return { name, type, places: [place], ...(isParameter && { isParameter }) }
}

function toFunction(
  { name, index, start, end, locals }: ModuleFunction,
  rows: LineRow[],
  variables: SymbolVariable[],
): DebugFunction {
  const first = rows.find(({ offset, line }) => line > 0 && offset >= start && offset < end)
  return {
    name: sayName(name) ?? `function ${index}`,
    start,
    end,
    body: first?.offset ?? start,
    variables: variables.map((each) => toVariable(each, { at: 'local', index: indexOf(each, locals) })),
  }
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
