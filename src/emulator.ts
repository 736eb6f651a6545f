// The one file that constructs the stages: what the settings say becomes parts, started in order and stopped in
// reverse. Everything but the chain is up when `start` resolves; the chain follows by itself.

import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { WasmateError, describe } from './base/errors.ts'
import type { Log } from './base/log.ts'
import { type Service, startOrUndo } from './base/service.ts'
import { Teardown } from './base/teardown.ts'
import { Builder } from './build/build.ts'
import type { Chain } from './chain.ts'
import { makeChainSide } from './chain-side.ts'
import type { Config } from './config.ts'
import { ContentClient } from './content/client.ts'
import { ContentNode } from './content/node.ts'
import { retrieveFile } from './content/retrieve.ts'
import { Instance } from './instance.ts'
import { invoke } from './invoke.ts'
import { Loader } from './load.ts'
import type { Context } from './model.ts'
import { Operations } from './operations.ts'
import { Outbox } from './registry/outbox.ts'
import { warmStarknet } from './registry/starknet.ts'
import { Runner } from './runner/runner.ts'
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
  /** Begin with a new chain; the old one is set aside. */
  reset: boolean
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

/** A chain that takes longer is being fetched or built: the compiler need not wait for that. */
const warmUpAfterMs = 3_000

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
    this.#log = await this.#instance.claim(this.#options.log, this.#options)
    signal?.throwIfAborted()
    await this.#construct()
    signal?.throwIfAborted()
  }

  /** The chain takes longest: it begins first, and everything else comes up while it does. */
  async #construct(): Promise<void> {
    const { workspace, config, environment, repair } = this.#options
    const log = this.#log
    const served = new Served(workspace.served, { ...config.runner, allowedHosts: [], config: {} })
    const outbox = new Outbox({ path: workspace.publications, log: log.for('registry'), repair })
    const runner = new Runner({
      ...config.runner,
      workerUrl: environment.workers.runner,
      log: log.for('runner'),
    })
    const loader = new Loader({ runner, fetch: (cid, context) => this.#fetch(starting, cid, context) })
    const { chain, follower, rpc } = makeChainSide({
      ...{ config, ...environment, folder: workspace.chain, repair, served, outbox, loader, log },
      prepared: () => prepared,
      onRegistry: (registry) => this.#instance.announce({ registry }),
      onState: (state) => this.#instance.rememberChild(state),
    })
    this.#teardown.defer(() => chain.stop())
    chain.start()
    const starting = this.#startContent()
    const prepared = this.#prepare(rpc, served, outbox)
    const [content, rpcUrl] = await Promise.all([starting, prepared, this.#startService(runner)])
    const builder = this.#makeBuilder()
    const operations = new Operations({
      ...{ workspace, config, builder, content: content.client, served, outbox, chain, follower },
      requestStop: this.#options.onStopRequest,
    })
    const isPending = (name: string): boolean => operations.isPending(name)
    const functions = createFunctions({
      invoke: (invocation, context) => invoke(invocation, { served, loader, runner, isPending }, context),
      served: () => served.list(),
      maxBodyBytes: config.serve.maxBodyBytes,
    })
    const token = randomBytes(32).toString('hex')
    const urls: Urls = {
      rpc: rpcUrl,
      kubo: content.kuboUrl,
      gateway: content.gatewayUrl,
      functions: await this.#listen(functions, config.ports.functions),
      control: await this.#listen(createControl({ target: operations, token }), config.ports.control),
    }
    operations.announce(urls)
    await this.#instance.announce({ pid: process.pid, token, urls })
    this.#warmUp(builder, chain)
    // Once more, so that it is the first to stop: what it does needs all the rest.
    this.#teardown.defer(() => chain.stop())
  }

  async #prepare(rpc: FastifyInstance, served: Served, outbox: Outbox): Promise<string> {
    this.#teardown.defer(() => outbox.close())
    const { ports } = this.#options.config
    const [rpcUrl] = await Promise.all([this.#listen(rpc, ports.rpc), served.open(), outbox.open()])
    return rpcUrl
  }

  /** What makes the first registration and the first build quick, as soon as it delays nothing else. */
  #warmUp(builder: Builder, chain: Chain): void {
    this.#teardown.defer(() => builder.stop())
    warmStarknet().catch((error: unknown) => this.#log.warn(`starknet.js: ${describe(error)}`))
    chain
      .settled(warmUpAfterMs)
      .then(() => (this.#teardown.started ? undefined : builder.start()))
      .catch((error: unknown) => this.#log.warn(`the compiler did not warm up: ${describe(error)}`))
  }

  async #fetch(content: Promise<Content>, cid: string, context: Context): Promise<Uint8Array> {
    const { gateways } = await content
    return retrieveFile(cid, { ...context, gateways, maxBytes: this.#options.config.content.maxFetchBytes })
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
