// The one file that constructs the stages: what the settings say becomes parts, started in order and stopped in
// reverse. Everything but the chain is up when `start` resolves; the chain follows by itself.

import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { WasmateError } from './base/errors.ts'
import type { Log } from './base/log.ts'
import { type Service, startOrUndo } from './base/service.ts'
import { Teardown } from './base/teardown.ts'
import { Builder } from './build/build.ts'
import { Chain } from './chain.ts'
import type { Config } from './config.ts'
import { ContentClient } from './content/client.ts'
import { ContentNode } from './content/node.ts'
import { retrieveFile } from './content/retrieve.ts'
import { locateDevnet } from './devnet/binary.ts'
import { Devnet } from './devnet/devnet.ts'
import { Follower } from './follow.ts'
import { Instance } from './instance.ts'
import { invoke } from './invoke.ts'
import { Loader } from './load.ts'
import type { Context } from './model.ts'
import { Operations } from './operations.ts'
import { watchRegistry } from './registry/events.ts'
import { Outbox } from './registry/outbox.ts'
import { Registry } from './registry/registry.ts'
import { Runner } from './runner/runner.ts'
import { createChainRpc } from './serve/chain-rpc.ts'
import { createControl } from './serve/control.ts'
import { createFunctions } from './serve/functions.ts'
import { listenHttp } from './serve/http.ts'
import { createKuboRpc } from './serve/kubo-rpc/server.ts'
import { createGateway } from './serve/trustless-gateway/server.ts'
import { Served } from './served.ts'
import type { EmulatorState, Workspace } from './workspace.ts'

export interface EmulatorOptions {
  workspace: Workspace
  config: Config
  environment: {
    /** Value of PATH. */
    path: string
    cacheFolder: string
    mediaFolder: string
    contractsFolder: string
    workers: { runner: URL; compiler: URL }
  }
  log: Log
  /** Keep what is intact of damaged state and set the damaged files aside. */
  repair: boolean
  /** Somebody asked over the control API that it stops. */
  onStopRequest: () => void
}

type Urls = EmulatorState['urls']

/** How content is reached, whoever keeps it. */
interface Content {
  client: ContentClient
  gateways: string[]
  kuboUrl: string
  gatewayUrl: string
}

interface ChainSide {
  chain: Chain
  follower: Follower
  rpcUrl: string
}

interface ChainParts {
  served: Served
  outbox: Outbox
  loader: Loader
}

/** A declared contract class comes as one request of several megabytes. */
const maxRpcBytes = 64 * 1024 * 1024

export class Emulator implements Service {
  readonly #options: EmulatorOptions
  readonly #teardown = new Teardown()
  #log: Log
  readonly #instance: Instance

  constructor(options: EmulatorOptions) {
    this.#options = options
    this.#instance = new Instance(options.workspace, this.#teardown)
    this.#log = options.log
  }

  /** Resolves when everything but the chain is up; throws EMULATOR_STARTING when another process holds the workspace. */
  async start(signal?: AbortSignal): Promise<void> {
    await startOrUndo(this.#teardown, () => this.#start(signal))
  }

  stop(): Promise<void> {
    return this.#teardown.run()
  }

  async #start(signal?: AbortSignal): Promise<void> {
    this.#log = await this.#instance.claim(this.#options.log)
    signal?.throwIfAborted()
    await this.#construct()
    signal?.throwIfAborted()
  }

  async #construct(): Promise<void> {
    const { workspace, config, repair } = this.#options
    const log = this.#log
    const served = new Served(workspace.served, { ...config.runner, allowedHosts: [], config: {} })
    const outbox = new Outbox({ path: workspace.publications, log: log.for('registry'), repair })
    const runner = new Runner({
      ...config.runner,
      workerUrl: this.#options.environment.workers.runner,
      log: log.for('runner'),
    })
    const builder = this.#makeBuilder()
    const [content] = await Promise.all([
      this.#startContent(),
      served.open(),
      outbox.open().then(() => this.#teardown.defer(() => outbox.close())),
      this.#startService(runner),
      this.#startService(builder),
    ])
    const loader = new Loader({
      fetch: (cid, context) =>
        retrieveFile(cid, { ...context, gateways: content.gateways, maxBytes: config.content.maxFetchBytes }),
      runner,
    })
    const { chain, follower, rpcUrl } = await this.#makeChain({ served, outbox, loader })
    const operations = new Operations({
      ...{ workspace, config, builder, content: content.client, served, outbox, chain, follower },
      requestStop: this.#options.onStopRequest,
    })
    const functions = createFunctions({
      invoke: (invocation, context) =>
        invoke(
          invocation,
          { served, loader, runner, isPending: (name) => operations.isPending(name) },
          context,
        ),
      served: () => served.list(),
      maxBodyBytes: config.serve.maxBodyBytes,
    })
    const token = randomBytes(32).toString('hex')
    const control = createControl({ target: operations, token })
    const urls: Urls = {
      rpc: rpcUrl,
      kubo: content.kuboUrl,
      gateway: content.gatewayUrl,
      functions: await this.#listen(functions, config.ports.functions),
      control: await this.#listen(control, config.ports.control),
    }
    operations.announce(urls)
    await this.#instance.announce({ pid: process.pid, token, urls })
    // The last thing to start is the first to stop.
    this.#teardown.defer(() => chain.stop())
    chain.start()
  }

  /** The embedded node with its two servers, or the Kubo that the settings name. */
  async #startContent(): Promise<Content> {
    const { workspace, config, repair } = this.#options
    const { kuboUrl } = config.content
    if (kuboUrl !== undefined) {
      const client = new ContentClient({ kuboUrl })
      const gateways = config.content.gateways ?? [await client.gatewayUrl()]
      return { client, gateways, kuboUrl, gatewayUrl: gateways[0] ?? '' }
    }
    const log = this.#log.for('content')
    const node = new ContentNode({ folder: workspace.content, log, repair })
    await this.#startService(node)
    const maxBodyBytes = config.content.maxFetchBytes
    const ownUrl = await this.#listen(createKuboRpc({ node, maxBodyBytes, log }), config.ports.kubo)
    const gatewayUrl = await this.#listen(
      createGateway({ node, maxBodyBytes: 1024, log }),
      config.ports.gateway,
    )
    const gateways = config.content.gateways ?? [gatewayUrl]
    return { client: new ContentClient({ kuboUrl: ownUrl }), gateways, kuboUrl: ownUrl, gatewayUrl }
  }

  async #makeChain({ served, outbox, loader }: ChainParts): Promise<ChainSide> {
    const { workspace, config, repair } = this.#options
    const log = this.#log.for('chain')
    const devnet = new Devnet({
      binary: (context) => this.#locateDevnet(context),
      folder: workspace.chain,
      seed: config.devnet.seed,
      accounts: config.devnet.accounts,
      log: this.#log.for('devnet'),
      repair,
      onState: (state) => {
        void this.#instance.rememberChild(state)
        chain.take(state)
      },
    })
    const rpcUrl = await this.#listen(
      createChainRpc({ devnet, maxBodyBytes: maxRpcBytes, log }),
      config.ports.rpc,
    )
    const endpoints = { rpcUrl: `${rpcUrl}/rpc`, wsUrl: `${rpcUrl.replace('http', 'ws')}/ws` }
    const follower = new Follower({
      events: (from, signal) =>
        watchRegistry({ ...endpoints, address: chain.address ?? '', from, signal, log }),
      getVersion: (name, version) => chain.registry.getVersion(name, version),
      loader,
      served,
      log: this.#log.for('follow'),
    })
    const chain: Chain = new Chain({
      devnet,
      outbox,
      served,
      follower,
      log,
      onRegistry: (registry) => this.#instance.announce({ registry }),
      makeRegistry: (account) =>
        new Registry({
          ...endpoints,
          account,
          artifactsFolder: this.#options.environment.contractsFolder,
          log,
        }),
    })
    return { chain, follower, rpcUrl }
  }

  async #locateDevnet(context: Context): Promise<string> {
    const { config, environment } = this.#options
    const { binary } = await locateDevnet(
      {
        ...config.devnet,
        pathEnv: environment.path,
        cacheFolder: environment.cacheFolder,
        platform: process.platform,
        arch: process.arch,
        log: this.#log.for('devnet'),
      },
      context,
    )
    return binary
  }

  #makeBuilder(): Builder {
    const { config, environment } = this.#options
    return new Builder({
      clang: config.build.clang,
      pathEnv: environment.path,
      mediaFolder: environment.mediaFolder,
      workerUrl: environment.workers.compiler,
      log: this.#log.for('build'),
    })
  }

  async #startService(service: Service): Promise<void> {
    if (this.#teardown.started) throw new WasmateError('CANCELLED')
    this.#teardown.defer(() => service.stop())
    await service.start()
  }

  async #listen(http: FastifyInstance, port: number): Promise<string> {
    this.#teardown.defer(() => http.close())
    return listenHttp(http, port, this.#log)
  }
}
