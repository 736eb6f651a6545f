// Vars of all functions, whichever thread runs them. Those of a name stay; a CID that is called without a name is
// known only as long as few others are called after it: anybody can think of as many CIDs as they like.

import { applyChanges } from './guest/vars.ts'
import type { VarChanges } from './messages.ts'

/** Of one function. */
export class FunctionVars {
  readonly values = new Map<string, Uint8Array>()
  readonly #next: () => number
  #version = 0

  constructor(next: () => number) {
    this.#next = next
  }

  /** 0: never changed. Each change has one of its own, so that what a thread knows of vars that were dropped is told from it. */
  get version(): number {
    return this.#version
  }

  /** Gives the version that now holds. */
  apply(changes: VarChanges): number {
    applyChanges(this.values, changes)
    this.#version = this.#next()
    return this.#version
  }
}

/** CIDs whose vars are kept, at most `maxVarBytes` each. */
export const maxUnnamed = 100

export class AllVars {
  readonly #named = new Map<string, FunctionVars>()
  /** By CID, least recently called first. */
  readonly #unnamed = new Map<string, FunctionVars>()
  #changes = 0

  of({ function: name, cid }: { function: string; cid: string }): FunctionVars {
    const kept = name === cid ? this.#unnamed : this.#named
    const vars = kept.get(name) ?? new FunctionVars(() => ++this.#changes)
    if (kept === this.#unnamed) kept.delete(name)
    kept.set(name, vars)
    if (this.#unnamed.size > maxUnnamed) {
      const [oldest] = this.#unnamed.keys()
      if (oldest !== undefined) this.#unnamed.delete(oldest)
    }
    return vars
  }
}
