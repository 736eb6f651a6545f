// Registries that can be asked here: the emulator's own, and for reading those of the networks in the settings.

import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../base/log.ts'
import { type Network, openNetwork } from '../flows/network.ts'
import { type Profiles, findProfile } from '../networks.ts'
import type { NameRegistry } from '../registry/names.ts'

export interface NetworksOptions {
  profiles: Profiles
  /** Throws CHAIN_NOT_READY, or why there will be no chain. */
  own: () => NameRegistry
  log: Log
}

export class Networks {
  readonly #options: NetworksOptions
  readonly #ending = new AbortController()
  /** A connection is checked once and then kept. */
  readonly #opened = new Map<string, Network>()
  #profiles: Profiles

  constructor(options: NetworksOptions) {
    this.#options = options
    this.#profiles = options.profiles
  }

  /**
   * These over those it was started with; what is connected by then is connected anew. Whose attestations count for
   * what runs here is read at the start alone.
   */
  describe(profiles: Profiles): { takesRestart: boolean } {
    const before = this.#options.profiles
    this.#profiles = { ...before, ...profiles }
    this.#opened.clear()
    return { takesRestart: !isDeepStrictEqual(profiles['emulator'], before['emulator']) }
  }

  /** Absent: the emulator's own. Throws NETWORK_UNKNOWN, CONFIG_INVALID, and what `own` throws. */
  registry(name = 'emulator'): NameRegistry {
    return name === 'emulator' ? this.#options.own() : this.open(name).registry
  }

  /** One of the settings. Throws NETWORK_UNKNOWN, CONFIG_INVALID. */
  open(name: string): Network {
    const { log } = this.#options
    const known = this.#opened.get(name)
    if (known) return known
    const network = openNetwork(name, findProfile(name, this.#profiles), { log, signal: this.#ending.signal })
    this.#opened.set(name, network)
    return network
  }

  /** Ends what is being asked elsewhere. */
  close(): void {
    this.#ending.abort()
  }
}
