// A module -> what a debugger knows of it, from whatever its compiler told.

import { WasmateError, describe } from '../../base/errors.ts'
import type { DebugInfo, DebugSymbols } from '../../debug-info.ts'
import { fromSymbols } from './assemblyscript.ts'
import { fromDwarf, hasDwarf } from './dwarf.ts'
import { readModuleParts } from './module.ts'

/** Throws WASM_INVALID for what is no module, DEBUG_INFO_INVALID for what can't be read of one. */
export function readDebugInfo(bytes: Uint8Array, folder: string, symbols?: DebugSymbols): DebugInfo {
  const parts = readModuleParts(bytes)
  try {
    if (symbols) return fromSymbols(symbols, { bytes, parts, folder })
    if (hasDwarf(parts)) return fromDwarf(parts)
  } catch (error) {
    throw new WasmateError('DEBUG_INFO_INVALID', describe(error), { cause: error })
  }
  // Names alone: for a stack, and for stepping from function to function.
  const functions = parts.functions.map(({ name, index, start, end }) => {
    return { name: name ?? `function ${index}`, start, end, body: start, variables: [] }
  })
  return { sources: [], rows: [], functions, globals: [], types: [] }
}
