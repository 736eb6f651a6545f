// Whose word counts before a version runs: trusted verifiers and a quorum in, a check that refuses out.

import { WasmateError } from '../base/errors.ts'

export interface PolicyOptions {
  /** Addresses of the accounts whose attestations count, 0x and hex digits; one written twice is one. */
  verifiers: readonly string[]
  /** How many of them have to have attested a version: all unless given. */
  quorum?: number | undefined
}

export interface Policy {
  /**
   * Throws NOT_ATTESTED with how many are there and who is missing. `cid` is that of the version: a chain that was
   * cut back gives a version number again, to other bytes.
   */
  check(name: string, version: number, cid: string): Promise<void>
  /** The chain was cut back: attestations may be gone with their blocks, and are asked for again. */
  forget(): void
}

export interface Attestations {
  hasAttested(name: string, version: number, verifier: string): Promise<boolean>
}

/**
 * Throws CONFIG_INVALID for a quorum that can't be met. Without verifiers everything passes and nobody is asked.
 * It is a policy on names: a call by CID names the very bytes, and is nobody's to allow.
 */
export function createPolicy({ verifiers, quorum }: PolicyOptions, registry: Attestations): Policy {
  const trusted = new Map(verifiers.map((verifier) => [BigInt(verifier), verifier]))
  const needed = quorum ?? trusted.size
  if (needed > trusted.size) {
    const detail = `quorum ${needed} is more than there are verifiers (${trusted.size})`
    throw new WasmateError('CONFIG_INVALID', detail)
  }
  return new Quorum([...trusted.values()], needed, registry)
}

/** Attestations that are kept in mind; past that the oldest are asked for again. */
const maxKnown = 10_000

class Quorum implements Policy {
  readonly #verifiers: string[]
  readonly #needed: number
  readonly #registry: Attestations
  /** Only what is there: an attestation can't be withdrawn, but one that is missing may come. */
  readonly #known = new Set<string>()

  constructor(verifiers: string[], needed: number, registry: Attestations) {
    this.#verifiers = verifiers
    this.#needed = needed
    this.#registry = registry
  }

  async check(name: string, version: number, cid: string): Promise<void> {
    if (this.#needed === 0) return
    const isKnown = (verifier: string): boolean => this.#known.has(keyOf(name, version, cid, verifier))
    if (this.#verifiers.filter(isKnown).length >= this.#needed) return
    const asked = this.#verifiers.map(async (verifier) => {
      const has = isKnown(verifier) || (await this.#registry.hasAttested(name, version, verifier))
      if (has) this.#remember(keyOf(name, version, cid, verifier))
      return has ? undefined : verifier
    })
    const missing = (await Promise.all(asked)).filter((verifier) => verifier !== undefined)
    const there = this.#verifiers.length - missing.length
    if (there >= this.#needed) return
    throw new WasmateError(
      'NOT_ATTESTED',
      `${name} version ${version} has ${there} of ${this.#needed} needed; missing: ${missing.join(', ')}`,
    )
  }

  forget(): void {
    this.#known.clear()
  }

  #remember(key: string): void {
    this.#known.add(key)
    for (const oldest of this.#known) {
      if (this.#known.size <= maxKnown) return
      this.#known.delete(oldest)
    }
  }
}

function keyOf(name: string, version: number, cid: string, verifier: string): string {
  return `${name} ${version} ${cid} ${verifier}`
}
