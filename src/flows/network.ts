// A network's profile -> its registry, its gateways, and whose attestations count there.

import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { NetworkProfile } from '../networks.ts'
import type { NameRegistry } from '../registry/names.ts'
import { Registry } from '../registry/registry.ts'
import type { SigningAccount } from '../registry/sender.ts'
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
  /** Signs what is written there; absent: it can only be read. */
  account?: SigningAccount | undefined
  /** Ends what is being asked. */
  signal?: AbortSignal
  /** How often a watched name is read where there are no events; default of the registry's client. */
  intervalMs?: number
}

/**
 * For every network but `emulator`, whose registry is the one that runs here. Nothing is asked yet: the RPC's version
 * and chain are checked at the first call. Throws CONFIG_INVALID naming the field that is missing.
 */
export function openNetwork(name: string, profile: NetworkProfile, deps: NetworkDeps): Network {
  const rpcUrl = needField(name, 'rpcUrl', profile.rpcUrl)
  const address = needField(name, 'registry', profile.registry)
  const { wsUrl, chainId, kind, gateways = [], verifiers, quorum } = profile
  const { intervalMs, signal, log, account } = deps
  const chain = { rpcUrl, ...(chainId !== undefined && { chainId }), ...(signal && { signal }) }
  const endpoint = { ...chain, address, account, log: log.for(name) }
  const registry =
    kind === 'wasm-cid'
      ? new WasmCidRegistry({ ...endpoint, ...(intervalMs !== undefined && { intervalMs }) })
      : new Registry({ ...endpoint, ...(wsUrl !== undefined && { wsUrl }) })
  return { name, registry, address, gateways, policy: { verifiers, quorum } }
}

export function needField(name: string, field: 'rpcUrl' | 'registry', value: string | undefined): string {
  if (value !== undefined) return value
  throw new WasmateError('CONFIG_INVALID', `wasmate.networks.profiles.${name}.${field} is missing`)
}
