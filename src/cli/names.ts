// Where a verb's questions about names go: to the running emulator, or to the registry of another network, which
// needs no emulator.

import { WasmateError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { type ControlClient, attach } from '../client/control.ts'
import type { ListRequest, NameState, StreamContext, Verified, VerifyRequest } from '../client/messages.ts'
import { Lockfile } from '../lockfile.ts'
import type { Context, ListedFunction, VersionRecord } from '../model.ts'
import type { Network } from '../flows/network.ts'
import type { Verification } from '../flows/verify.ts'
import { type Session, builderOptions } from './session.ts'

export interface NameSource {
  list(request: ListRequest, signal: AbortSignal): Promise<ListedFunction[]>
  /** Newest first. */
  history(name: string, context: Context): Promise<VersionRecord[]>
  /** How the name stands, and again at each change, until the signal ends it. */
  watch(name: string, tell: (state: NameState) => void, signal: AbortSignal): Promise<void>
  verify(request: VerifyRequest, context: StreamContext<'verify'>): Promise<Verified>
}

/** `attest` says on a network that a version holds. Throws EMULATOR_NOT_RUNNING, NETWORK_UNKNOWN or CONFIG_INVALID. */
export async function openNames(
  session: Session,
  network: string,
  attest?: (found: Verification) => Promise<Verified['attested']>,
): Promise<NameSource> {
  if (network === 'emulator') return ofEmulator(await attach(session.workspace, session.signal))
  // starknet.js and all it needs is read by those alone who ask another network.
  const [{ openNetwork }, { profileOf }] = await Promise.all([
    import('../flows/network.ts'),
    import('./network/remembered.ts'),
  ])
  const profile = await profileOf(session, network)
  const opened = openNetwork(network, profile, { log: silentLog, signal: session.signal })
  return ofNetwork(session, opened, attest ?? refuseToAttest)
}

function ofEmulator(client: ControlClient): NameSource {
  return {
    list: (request, signal) => client.list(request, signal),
    history: (name, context) => client.stream('log', { name }, context),
    watch: async (name, tell, signal) => {
      await client.stream('watch', { name }, { signal, step: tell })
    },
    verify: (request, context) => client.stream('verify', request, context),
  }
}

/** Who only reads gives nothing to sign with. */
async function refuseToAttest({ name }: Verification): Promise<never> {
  throw new WasmateError('ACCOUNT_MISSING', `${name} is only read here`)
}

function ofNetwork(
  session: Session,
  { name: network, registry, address, gateways }: Network,
  attest: (found: Verification) => Promise<Verified['attested']>,
): NameSource {
  const { config, workspace } = session
  return {
    list: (request) => registry.list(request),
    history: (name, context) => registry.history(name, context),
    watch: async (name, tell, signal) => {
      for await (const current of registry.watchName(name, signal)) tell({ current: current ?? null })
    },
    verify: async (request, context) => {
      const { verifyName } = await import('../emulator/verifying.ts')
      const sources = {
        gateways: await chooseGateways(session, gateways),
        routers: config.content.routers,
        maxBytes: config.content.maxFetchBytes,
        builder: builderOptions(session, silentLog),
      }
      const lockfile = new Lockfile(workspace.folder)
      const there = { registry, sources, lockfile, network, contract: address }
      return verifyName(request, { ...there, attest }, context)
    },
  }
}

/** Of the network, else of the settings, else that of an emulator that runs here: as a deployment is fetched back. */
async function chooseGateways(session: Session, ofNetwork: readonly string[]): Promise<readonly string[]> {
  const named = ofNetwork.length > 0 ? ofNetwork : (session.config.content.gateways ?? [])
  if (named.length > 0) return named
  const { findEmulator } = await import('./network/target.ts')
  const client = await findEmulator(session)
  return client ? [client.state.urls.gateway] : []
}
