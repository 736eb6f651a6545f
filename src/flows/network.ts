// A network's profile from the settings -> its registry to read from, its gateways, and whose attestations count there.

import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { NetworkProfile } from '../config.ts'
import type { NameRegistry } from '../registry/names.ts'
import { Registry } from '../registry/registry.ts'
import { WasmCidRegistry } from '../registry/wasm-cid.ts'

export interface Network {
  name: string
  registry: NameRegistry
  /** Contract address of the registry, 0x and hex digits. */
  address: string
  /** Trustless gateways to fetch from; may be none. */
  gateways: readonly string[]
  /** Accounts whose attestations count here, and how many of them it takes. */
  policy: Pick<NetworkProfile, 'verifiers' | 'quorum'>
}

export interface NetworkDeps {
  log: Log
  /** Ends what is being asked. */
  signal?: AbortSignal
  /** How often a watched name is read where there are no events; default of the registry's client. */
  intervalMs?: number
}

type Profiles = Readonly<Record<string, NetworkProfile>>

/** Throws NETWORK_UNKNOWN, naming those that are described. */
export function findProfile(name: string, profiles: Profiles): NetworkProfile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile) return profile
  const known = Object.keys(profiles).filter((each) => each !== 'emulator')
  throw new WasmateError('NETWORK_UNKNOWN', `${name}; described are ${known.join(', ') || 'none'}`)
}

/**
 * For every network but `emulator`, whose registry is the one that runs here. Nothing is asked yet: the RPC's version
 * and chain are checked at the first call. Read only: no account comes with a profile. Throws CONFIG_INVALID naming
 * the field that is missing.
 */
export function openNetwork(name: string, profile: NetworkProfile, deps: NetworkDeps): Network {
  const rpcUrl = need(name, 'rpcUrl', profile.rpcUrl)
  const address = need(name, 'registry', profile.registry)
  const { wsUrl, chainId, kind, gateways, verifiers, quorum } = profile
  const { intervalMs, signal, log } = deps
  const chain = { rpcUrl, ...(chainId !== undefined && { chainId }), ...(signal && { signal }) }
  const endpoint = { ...chain, address, log: log.for(name) }
  const registry =
    kind === 'wasm-cid'
      ? new WasmCidRegistry({ ...endpoint, ...(intervalMs !== undefined && { intervalMs }) })
      : new Registry({ ...endpoint, ...(wsUrl !== undefined && { wsUrl }) })
  return { name, registry, address, gateways, policy: { verifiers, quorum } }
}

function need(name: string, field: 'rpcUrl' | 'registry', value: string | undefined): string {
  if (value !== undefined) return value
  throw new WasmateError('CONFIG_INVALID', `wasmate.networks.profiles.${name}.${field} is missing`)
}
