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

/** `folder` is what the names of sources are relative to. */
export function fromSymbols(
  symbols: DebugSymbols,
  { functions, globals }: ModuleParts,
  folder: string,
): DebugInfo {
  const { sources, rows } = decodeSourceMap(symbols.sourceMap)
  const variables = new Map(symbols.functions.map((each) => [each.name, each.variables]))
  const globalIndex = new Map([...globals].map(([index, name]) => [name, index]))
  return {
    sources: sources.map((name) => (name.startsWith('~lib/') ? name : resolve(folder, name))),
    rows: closeFunctions(rows, functions),
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
  const first = rows.find(({ offset }) => offset >= start && offset < end)
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
  const ends = functions.map(({ start }): LineRow => ({ offset: start, source: 0, line: 0, column: 0 }))
  return [...ends, ...rows].sort((one, other) => one.offset - other.offset)
}
