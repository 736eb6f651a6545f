// Networks: what the settings may say of one, and the one that is built in. Naming it contacts nobody; what is
// chosen is.

import { z } from 'zod'
import { WasmateError } from './base/errors.ts'

const url = z.url({ protocol: /^https?$/ })

const address = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, 'expected 0x and hex digits')

/** A chain with a registry on it. Of `emulator` only the policy counts: the rest is what runs here. */
export const networkSchema = z
  .strictObject({
    rpcUrl: url.optional(),
    /** WebSocket endpoint for events; without it they are polled. */
    wsUrl: z.url({ protocol: /^wss?$/ }).optional(),
    /** As `starknet_chainId` gives it, or its text: SN_SEPOLIA. */
    chainId: z.string().optional(),
    /** Contract address of the registry. */
    registry: address.optional(),
    /** `wasm-cid` is the earlier contract: a name and a CID, no versions, no owner. `wasmate` unless given. */
    kind: z.enum(['wasmate', 'wasm-cid']).optional(),
    /** Trustless gateways to fetch from, and to fetch back from what is deployed. */
    gateways: z.array(url).optional(),
    /** Which of the pinning services keeps what is deployed there; without it only the node here does. */
    pinning: z.string().optional(),
    /** A block explorer: transactions are under `/tx/`, contracts under `/contract/`. */
    explorer: url.optional(),
    /** Accounts whose attestations count. */
    verifiers: z.array(address).default([]),
    /** How many of them have to have attested a version before it runs; by default all. */
    quorum: z.int().min(0).optional(),
  })
  .refine(({ verifiers, quorum = 0 }) => quorum <= new Set(verifiers.map(BigInt)).size, {
    path: ['quorum'],
    message: 'is more than there are verifiers',
  })

export type NetworkProfile = Readonly<z.infer<typeof networkSchema>>

export type Profiles = Readonly<Record<string, NetworkProfile>>

/**
 * Where each of it is said, looked up in November: the RPC is the one that starknet.js 10.8 falls back on
 * (RPC_DEFAULT_NODES), its path that of docs.starknet.io/ecosystem/overview for Zan; the gateway is the IPFS
 * Foundation's for verifiable answers alone (docs.ipfs.tech/concepts/public-utilities), as good as its best effort;
 * the explorer is the one that sncast links to. The registry is the earlier contract (docs/registry.md).
 */
const builtIn: Profiles = {
  sepolia: {
    rpcUrl: 'https://api.zan.top/public/starknet-sepolia/rpc/v0_10',
    chainId: 'SN_SEPOLIA',
    registry: '0x01016993aa219f246d39ec6c25e1eef4920fe1e650179957bff9c0a08e09ed89',
    kind: 'wasm-cid',
    gateways: ['https://trustless-gateway.link'],
    explorer: 'https://sepolia.voyager.online',
    verifiers: [],
  },
}

/** What to know of the earlier contract before something is published there. */
export const wasmCidWarning =
  'this registry is the earlier contract: anyone can point any name to another CID, and it keeps no owners, ' +
  'versions, hashes, events, history or list of names; what is verified now may be changed by a stranger later'

/** Names that can be deployed to beside `emulator`, those built in first. */
export function networkNames(profiles: Profiles): string[] {
  const described = Object.keys(profiles).filter((name) => name !== 'emulator')
  return [...new Set([...Object.keys(builtIn), ...described])]
}

/**
 * The settings' fields over those built in; a registry or a kind of the settings stands alone, for the one built in
 * belongs to the other contract. Throws NETWORK_UNKNOWN, naming those that there are.
 */
export function findProfile(name: string, profiles: Profiles): NetworkProfile {
  const given = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  const known = Object.hasOwn(builtIn, name) ? builtIn[name] : undefined
  if (!given && !known) {
    throw new WasmateError('NETWORK_UNKNOWN', `${name}; there are ${networkNames(profiles).join(', ')}`)
  }
  if (!given || !known) return { verifiers: [], ...known, ...given }
  const isOther = given.registry !== undefined || given.kind !== undefined
  const { registry: _registry, kind: _kind, ...rest } = known
  return { ...(isOther ? rest : known), ...given }
}

/** Those of the network itself; none of the emulator, whose URL changes with each start. */
export function gatewaysOf(name: string, profiles: Profiles): readonly string[] {
  return name === 'emulator' ? [] : (findProfile(name, profiles).gateways ?? [])
}
