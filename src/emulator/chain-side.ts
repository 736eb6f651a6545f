// Constructs what stands on the chain: devnet, the registry, the follower, and what joins them.

import { toWasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { Chain } from './chain.ts'
import type { Config } from '../config.ts'
import { locateDevnet } from '../devnet/binary.ts'
import { Devnet } from '../devnet/devnet.ts'
import type { DevnetState } from '../devnet/supervisor.ts'
import { type FollowStages, Follower } from '../flows/follow.ts'
import type { Loader } from '../flows/load.ts'
import type { Context, RegisteredVersion } from '../model.ts'
import type { Cursor } from '../registry/events/cursor.ts'
import { type FollowOptions, type RegistryNews, followRegistry } from '../registry/events.ts'
import { createPolicy } from '../flows/policy.ts'
import type { Outbox } from '../registry/outbox.ts'
import { Registry } from '../registry/registry.ts'
import type { Served } from '../flows/served.ts'

export interface ChainSideOptions {
  config: Config
  /** Value of PATH. */
  path: string
  cacheFolder: string
  /** Folder of the registry's artefacts. */
  contractsFolder: string
  /** Where the chain's journal lives. */
  folder: string
  repair: boolean
  served: Served
  outbox: Outbox
  loader: Loader
  /** URL of the RPC front, once it listens and what is stored has been read; asked when the chain is up. */
  frontUrl: () => Promise<string>
  onRegistry: (address: string) => Promise<void>
  onState: (state: DevnetState) => void
  log: Log
}

export interface ChainSide {
  chain: Chain
  follower: Follower
  devnet: Devnet
  /** Throws NOT_ATTESTED when the policy does not let a version run. */
  allow: FollowStages['allow']
}

export function makeChainSide(options: ChainSideOptions): ChainSide {
  const { config, served, outbox, loader, contractsFolder } = options
  const log = options.log.for('chain')
  const endpoints = async (): Promise<{ rpcUrl: string; wsUrl: string }> => {
    const url = await options.frontUrl()
    return { rpcUrl: `${url}/rpc`, wsUrl: `${url.replace('http', 'ws')}/ws` }
  }
  const devnet = new Devnet({
    binary: (context) => locate(options, context),
    folder: options.folder,
    seed: config.devnet.seed,
    accounts: config.devnet.accounts,
    account: config.devnet.account,
    log: options.log.for('devnet'),
    repair: options.repair,
    onState: (state) => {
      options.onState(state)
      chain.take(state)
    },
  })
  const policy = createPolicy(config.networks.profiles['emulator'] ?? { verifiers: [] }, {
    hasAttested: (...asked) => chain.registry.hasAttested(...asked),
  })
  const allow: FollowStages['allow'] = (name, { version, cid }) => policy.check(name, version, cid)
  type Following = Pick<FollowOptions, 'signal' | 'report'>
  async function* events(from: Cursor, following: Following): AsyncGenerator<RegistryNews> {
    const options = { ...(await endpoints()), ...following, address: chain.address ?? '', from, log }
    for await (const news of followRegistry(options)) {
      if (news.kind === 'reorg') {
        policy.forget()
        // The blocks that are gone may have held the registry itself.
        await chain.registry.ensureDeployed(following)
      }
      yield news
    }
  }
  const follower = new Follower({
    events,
    getVersion: (name, version) => chain.registry.getVersion(name, version),
    resolve: (name) => resolveCurrent(chain.registry, name),
    allow,
    loader,
    served,
    onProgress: (progress) => chain.showProgress(progress),
    log: options.log.for('follow'),
  })
  const chain: Chain = new Chain({
    ...{ devnet, outbox, follower, log },
    onRegistry: options.onRegistry,
    makeRegistry: async (account) =>
      new Registry({ ...(await endpoints()), account, artifactsFolder: contractsFolder, log }),
  })
  return { chain, follower, devnet, allow }
}

/** `undefined` when nobody has the name, or none of its versions is current. */
async function resolveCurrent(registry: Registry, name: string): Promise<RegisteredVersion | undefined> {
  try {
    return (await registry.resolve(name)).current
  } catch (error) {
    if (toWasmateError(error).code === 'FUNCTION_NOT_FOUND') return undefined
    throw error
  }
}

async function locate(options: ChainSideOptions, context: Context): Promise<string> {
  const { config, path: pathEnv, cacheFolder, log } = options
  const { platform, arch } = process
  const sought = { ...config.devnet, pathEnv, cacheFolder, platform, arch, log: log.for('devnet') }
  return (await locateDevnet(sought, context)).binary
}
