// A function's vars as one call sees them: what it changes counts when the call succeeds, else not at all.

import { WasmateError } from '../../base/errors.ts'
import type { VarChanges } from '../messages.ts'

/** Keys and values of one function together; Extism's own default. */
export const maxVarBytes = 1024 * 1024

export class Vars {
  #kept = new Map<string, Uint8Array>()
  #changes: VarChanges = new Map()
  #bytes = 0

  /** Starts over with what the function's other instances left; `bytes` is of more vars than these, if need be. */
  replace(vars: Map<string, Uint8Array>, bytes = measure(vars)): void {
    this.#kept = vars
    this.#changes.clear()
    this.#bytes = bytes
  }

  /** What keys and values take together. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Uint8Array | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#kept.get(key)
  }

  /** Throws MEMORY_LIMIT when all vars together pass `maxVarBytes`. */
  set(key: string, value: Uint8Array | undefined): void {
    const bytes = this.#bytes - sizeOf(key, this.get(key)) + sizeOf(key, value)
    if (bytes > maxVarBytes) {
      throw new WasmateError('MEMORY_LIMIT', `its vars would take ${bytes} bytes of at most ${maxVarBytes}`)
    }
    this.#bytes = bytes
    this.#changes.set(key, value)
  }

  /** As the call sees them now. */
  list(): [key: string, value: Uint8Array][] {
    const seen = new Map(this.#kept)
    applyChanges(seen, this.#changes)
    return [...seen]
  }

  /** Gives the changes, undefined when there are none. */
  commit(): VarChanges | undefined {
    if (this.#changes.size === 0) return undefined
    const changes = this.#changes
    this.#changes = new Map()
    applyChanges(this.#kept, changes)
    return changes
  }

  rollback(): void {
    if (this.#changes.size === 0) return
    this.#changes.clear()
    this.#bytes = measure(this.#kept)
  }
}

export function applyChanges(vars: Map<string, Uint8Array>, changes: VarChanges): void {
  for (const [key, value] of changes) {
    if (value) vars.set(key, value)
    else vars.delete(key)
  }
}

function measure(vars: Map<string, Uint8Array>): number {
  let bytes = 0
  for (const [key, value] of vars) bytes += sizeOf(key, value)
  return bytes
}

function sizeOf(key: string, value: Uint8Array | undefined): number {
  return value ? Buffer.byteLength(key) + value.length : 0
}
