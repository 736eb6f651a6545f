// Constructs what stands on the chain: devnet, the registry, the follower, and what joins them.

import type { Log } from '../base/log.ts'
import { Chain } from './chain.ts'
import type { Config } from '../config.ts'
import { locateDevnet } from '../devnet/binary.ts'
import { Devnet } from '../devnet/devnet.ts'
import type { DevnetState } from '../devnet/supervisor.ts'
import { Follower } from '../follow.ts'
import type { Loader } from '../load.ts'
import type { Context, RegistryEvent } from '../model.ts'
import { watchRegistry } from '../registry/events.ts'
import type { Outbox } from '../registry/outbox.ts'
import { Registry } from '../registry/registry.ts'
import type { Served } from '../served.ts'

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
    log: options.log.for('devnet'),
    repair: options.repair,
    onState: (state) => {
      options.onState(state)
      chain.take(state)
    },
  })
  async function* events(from: number, signal: AbortSignal): AsyncGenerator<RegistryEvent> {
    yield* watchRegistry({ ...(await endpoints()), address: chain.address ?? '', from, signal, log })
  }
  const follower = new Follower({
    events,
    getVersion: (name, version) => chain.registry.getVersion(name, version),
    loader,
    served,
    log: options.log.for('follow'),
  })
  const chain: Chain = new Chain({
    ...{ devnet, outbox, served, follower, log },
    onRegistry: options.onRegistry,
    makeRegistry: async (account) =>
      new Registry({ ...(await endpoints()), account, artifactsFolder: contractsFolder, log }),
  })
  return { chain, follower, devnet }
}

async function locate(options: ChainSideOptions, context: Context): Promise<string> {
  const { config, path: pathEnv, cacheFolder, log } = options
  const { platform, arch } = process
  const sought = { ...config.devnet, pathEnv, cacheFolder, platform, arch, log: log.for('devnet') }
  return (await locateDevnet(sought, context)).binary
}
