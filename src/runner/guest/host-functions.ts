// Functions of the embedder that plugins may import, from an ES module that the settings name:
// `export const functions = { 'extism:host/user': { shout(context, handle) { ... } } }`, as the Extism SDKs have it.

import { pathToFileURL } from 'node:url'
import { WasmateError, describe } from '../../base/errors.ts'
import type { Kernel } from './kernel.ts'

/** What a host function is given first, to reach blocks of host memory by their handles. */
export interface HostContext {
  /** The block's bytes, or null when the handle names none. */
  read(handle: bigint): { bytes(): Uint8Array; text(): string; json(): unknown } | null
  /** Gives the handle of a new block. */
  store(content: string | Uint8Array): bigint
}

export type HostFunction = (
  context: HostContext,
  ...numbers: (number | bigint)[]
) => number | bigint | undefined

/** By import module, then by name. */
export type HostFunctions = Record<string, Record<string, HostFunction>>

/** Throws CONFIG_INVALID when there is no such module, or it is of another shape. */
export async function loadHostFunctions(path: string): Promise<HostFunctions> {
  const fault = (why: string): WasmateError =>
    new WasmateError('CONFIG_INVALID', `wasmate.runner.hostFunctions: ${path} ${why}`)
  let module: { functions?: unknown }
  try {
    module = (await import(pathToFileURL(path).href)) as { functions?: unknown }
  } catch (error) {
    throw fault(`can't be loaded (${describe(error)})`)
  }
  if (!isHostFunctions(module.functions)) throw fault('exports no `functions` of modules with functions')
  return module.functions
}

function isHostFunctions(value: unknown): value is HostFunctions {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).every((group: unknown) => {
    return (
      typeof group === 'object' &&
      group !== null &&
      Object.values(group).every((member) => typeof member === 'function')
    )
  })
}

/** Imports of one instance: calls get a context of its kernel. */
export function createUserImports(functions: HostFunctions, kernel: Kernel): WebAssembly.Imports {
  const context: HostContext = {
    read: (handle) => {
      const bytes = kernel.read(handle)
      if (!bytes) return null
      const text = (): string => new TextDecoder().decode(bytes)
      return { bytes: () => bytes, text, json: () => JSON.parse(text()) as unknown }
    },
    store: (content) => (typeof content === 'string' ? kernel.writeText(content) : kernel.write(content)),
  }
  return Object.fromEntries(
    Object.entries(functions).map(([module, group]) => [
      module,
      Object.fromEntries(Object.entries(group).map(([name, call]) => [name, guard(name, call, context)])),
    ]),
  )
}

/** What it throws ends the call as an error of the function, in its own words. */
function guard(name: string, call: HostFunction, context: HostContext): WebAssembly.ImportValue {
  return (...numbers: (number | bigint)[]): number | bigint | undefined => {
    try {
      return refusePromise(name, call(context, ...numbers))
    } catch (error) {
      if (error instanceof WasmateError) throw error
      throw new WasmateError('CALL_FAILED', `host function ${name}: ${describe(error)}`, { cause: error })
    }
  }
}

/** Throws CALL_FAILED: a function stands still while its host answers. */
export function refusePromise<T>(name: string, result: T): T {
  if (!(result instanceof Promise)) return result
  throw new WasmateError('CALL_FAILED', `host function ${name} gave a promise; it has to answer at once`)
}
