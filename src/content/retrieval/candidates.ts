// Who may still be asked for what, and what each did.

import type { CID } from 'multiformats/cid'
import { WasmateError, describe } from '../../base/errors.ts'
import { SilenceError } from './watch.ts'

/** What is told of one gateway. */
const maxFailuresTold = 3

export class Candidates {
  /** Gateways that give blocks but no CAR that can be read in order. */
  readonly blocksOnly = new Set<string>()
  readonly #gateways: Set<string>
  readonly #out = new Set<string>()
  readonly #failures = new Map<string, unknown[]>()

  constructor(gateways: string[]) {
    this.#gateways = new Set(gateways)
  }

  /** Gives those that were not there. */
  add(gateways: string[]): string[] {
    const fresh = gateways.filter((gateway) => !this.#gateways.has(gateway))
    for (const gateway of fresh) this.#gateways.add(gateway)
    return fresh
  }

  has(gateway: string, wanted: CID): boolean {
    return !this.#out.has(gateway) && !this.#out.has(`${gateway} ${wanted.toString()}`)
  }

  forBlock(wanted: CID): string[] {
    return [...this.#gateways].filter((gateway) => this.has(gateway, wanted))
  }

  /** Who lied or fell silent is out; who merely lacked a block may have the others. */
  failed(gateway: string, wanted: CID, cause: unknown): void {
    const isLie = cause instanceof WasmateError && cause.code === 'BLOCK_MISMATCH'
    this.#out.add(isLie || cause instanceof SilenceError ? gateway : `${gateway} ${wanted.toString()}`)
    this.note(gateway, cause)
  }

  /** Something to tell, if it comes to that, without consequences. */
  note(who: string, cause: unknown): void {
    const told = this.#failures.get(who) ?? []
    this.#failures.set(who, told)
    if (told.length === maxFailuresTold) told.shift()
    if (!told.some((earlier) => describe(earlier) === describe(cause))) told.push(cause)
  }

  /** GATEWAYS_FAILED: what each gateway did, the same as its cause. */
  allFailed(what: string): WasmateError {
    const causes = [...this.#failures.values()].flat()
    const told = [...this.#failures].map(([who, all]) => `${who}: ${all.map(describe).join(', then ')}`)
    const cause = causes.length === 1 ? causes[0] : new AggregateError(causes, 'what each gateway did')
    const detail = `${what} (${told.join('; ') || 'none is named'})`
    return new WasmateError('GATEWAYS_FAILED', detail, { cause })
  }
}
