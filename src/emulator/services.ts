// Constructs and starts everything but the chain: content, runner, builder, and what listens in front of them.

import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { WasmateError, describe } from '../base/errors.ts'
import type { Service } from '../base/service.ts'
import { Builder, type BuilderOptions } from '../build/build.ts'
import type { Chain } from './chain.ts'
import type { Content } from './content.ts'
import { ContentClient } from '../content/client.ts'
import { ContentNode } from '../content/node.ts'
import { retrieveFile } from '../content/retrieval/retrieve.ts'
import { invoke } from '../flows/invoke.ts'
import type { Loader } from '../flows/load.ts'
import type { Instance } from './instance.ts'
import { Interception } from './interception.ts'
import { Operations } from './operations.ts'
import { Places } from './places/places.ts'
import { SourceFrames } from './places/source-frames.ts'
import { Calls } from './receipts/calls.ts'
import { type RecordsParts, openRecords } from './receipts/records.ts'
import type { Outbox } from '../registry/outbox.ts'
import { warmStarknet } from '../registry/starknet.ts'
import { createChainRpc } from '../serve/chain-rpc.ts'
import { createControl } from '../serve/control.ts'
import { FunctionServer } from '../serve/functions.ts'
import { listenHttp } from '../serve/http.ts'
import { Metrics } from '../serve/metrics.ts'
import { createLassie } from '../serve/lassie/server.ts'
import { createPinningService } from '../serve/pinning/server.ts'
import { createKuboRpc } from '../serve/kubo-rpc/server.ts'
import { createGateway } from '../serve/trustless-gateway/server.ts'
import type { Served } from '../flows/served.ts'
import type { EmulatorState } from '../workspace.ts'

export interface ServicesParts extends RecordsParts {
  instance: Instance
  served: Served
  outbox: Outbox
  loader: Loader
}

/** What others need of it before all of it is up. */
export interface BegunServices {
  content: Promise<Content>
  /** URL of the RPC front, once it listens and what is stored has been read. */
  chainUrl: Promise<string>
  /** Settles when everything is up and the state file is written, or can't be. */
  up: Promise<void>
}

/** A chain that takes longer is being fetched or built: the compiler need not wait for that. */
const warmUpAfterMs = 3_000

/** To the node: what is added is written as it comes, so the disk is the limit, as it is Kubo's. */
const maxRequestBytes = Number.MAX_SAFE_INTEGER

/** A declared contract class comes as one request of several megabytes. */
const maxRpcBytes = 64 * 1024 * 1024

export function beginServices(parts: ServicesParts): BegunServices {
  const services = new Services(parts)
  const [content, chainUrl] = [services.startContent(), services.openChainFront()]
  return { content, chainUrl, up: services.complete(content, chainUrl) }
}

class Services {
  readonly #parts: ServicesParts

  constructor(parts: ServicesParts) {
    this.#parts = parts
  }

  /** The embedded node with its two servers, or the Kubo that the settings name. */
  async startContent(): Promise<Content> {
    const { workspace, config, repair, log } = this.#parts
    const { kuboUrl } = config.content
    if (kuboUrl !== undefined) {
      const [given] = config.content.gateways ?? []
      return this.#reach(kuboUrl, given ?? (await new ContentClient({ kuboUrl }).gatewayUrl()))
    }
    const nodeLog = log.for('content')
    const node = new ContentNode({ folder: workspace.content, log: nodeLog, repair })
    await this.#startService(node)
    const { deserialized } = config.content
    const gateway = createGateway({ node, maxBodyBytes: 1024, deserialized, log: nodeLog })
    const gatewayUrl = await this.#listen(gateway, config.ports.gateway)
    const rpc = createKuboRpc({ node, maxBodyBytes: maxRequestBytes, gatewayUrl, log: nodeLog })
    return { ...this.#reach(await this.#listen(rpc, config.ports.kubo), gatewayUrl), node }
  }

  /** What others retrieve by, as from Lassie, and ask to pin, as a pinning service. */
  async #openOthers(
    { node, gateways }: Content,
    token: string,
  ): Promise<{ lassie: string; pinning?: string }> {
    const { config, repair, log } = this.#parts
    const { routers, remoteProviders: allowRemote, maxFetchBytes: maxBytes } = config.content
    const part = log.for('content')
    const lassie = createLassie({
      // Its own gateway has nothing that the node does not.
      ...(node ? { store: node, gateways: config.content.gateways ?? [] } : { gateways }),
      ...{ routers, maxBytes, allowRemote, log: part },
    })
    const listening = { lassie: await this.#listen(lassie, config.ports.lassie) }
    if (!node) return listening
    const service = createPinningService({ node, token, maxBytes, repair, log: part })
    return { ...listening, pinning: await this.#listen(service, config.ports.pinning) }
  }

  async openChainFront(): Promise<string> {
    const { teardown, outbox, served, devnet, config, log } = this.#parts
    const rpc = createChainRpc({ devnet, maxBodyBytes: maxRpcBytes, log: log.for('chain') })
    teardown.defer(() => outbox.close())
    const [rpcUrl] = await Promise.all([this.#listen(rpc, config.ports.rpc), served.open(), outbox.open()])
    return rpcUrl
  }

  async complete(beginning: Promise<Content>, chainUrl: Promise<string>): Promise<void> {
    const { workspace, config, served, runner, chain, instance, teardown, log } = this.#parts
    const [content, rpc] = await Promise.all([beginning, chainUrl, this.#startService(runner)])
    const builder = new Builder(this.#builderOptions())
    const { builds, history, changes, receipts } = openRecords(this.#parts, content)
    const interception = new Interception(served)
    const { folder } = workspace
    const bytesOf = (cid: string): Uint8Array | undefined => runner.bytesOf(cid)
    const sourceFrames = new SourceFrames({ builder, replays: runner.replays, folder })
    const places = new Places({ folder, defaults: config.runner, builds, builder, sourceFrames, bytesOf })
    const call = interception.around((invocation, context) =>
      invoke(invocation, { ...this.#parts, isPending: (name) => operations.isPending(name) }, context),
    )
    const calls = new Calls({ history, receipts, served, places, invoke: call })
    const operations = new Operations({
      ...{ ...this.#parts, builder, content: content.client, builds, history, changes, receipts, calls },
      interception,
      sources: {
        gateways: content.gateways,
        routers: config.content.routers,
        builder: this.#builderOptions(),
        maxBytes: config.content.maxFetchBytes,
      },
      requestStop: this.#parts.onStopRequest,
    })
    teardown.defer(() => operations.close())
    const functions = new FunctionServer({
      ...config.serve,
      invoke: calls.sampled(),
      served: () => served.list(),
      metrics: new Metrics(() => runner.state),
    })
    teardown.defer(() => functions.close())
    const token = randomBytes(32).toString('hex')
    const urls: EmulatorState['urls'] = {
      rpc,
      kubo: content.kuboUrl,
      gateway: content.gatewayUrl,
      ...(await this.#openOthers(content, token)),
      functions: await functions.listen(config.ports.functions, log),
      control: await this.#listen(
        createControl({ target: operations, token, maxInputBytes: config.serve.maxBodyBytes }),
        config.ports.control,
      ),
    }
    operations.announce(urls)
    await instance.announce({ pid: process.pid, token, urls })
    this.#warmUp(builder, chain)
  }

  /** What makes the first registration and the first build quick, as soon as it delays nothing else. */
  #warmUp(builder: Builder, chain: Chain): void {
    const { teardown, log } = this.#parts
    teardown.defer(() => builder.stop())
    warmStarknet().catch((error: unknown) => log.warn(`starknet.js: ${describe(error)}`))
    chain
      .settled(warmUpAfterMs)
      .then(() => (teardown.started ? undefined : builder.start()))
      .catch((error: unknown) => log.warn(`the compiler did not warm up: ${describe(error)}`))
  }

  #builderOptions(): BuilderOptions {
    const { config, environment, log } = this.#parts
    return {
      clang: config.build.clang,
      pathEnv: environment.path,
      mediaFolder: environment.mediaFolder,
      workerUrl: environment.workers.compiler,
      log: log.for('build'),
    }
  }

  #reach(kuboUrl: string, gatewayUrl: string): Content {
    const { maxFetchBytes: maxBytes, routers, gateways = [gatewayUrl] } = this.#parts.config.content
    return {
      ...{ kuboUrl, gatewayUrl, gateways, client: new ContentClient({ kuboUrl }) },
      fetch: (cid, context) => retrieveFile(cid, { ...context, gateways, routers, maxBytes }),
    }
  }

  async #startService(service: Service): Promise<void> {
    const { teardown } = this.#parts
    if (teardown.started) throw new WasmateError('CANCELLED')
    teardown.defer(() => service.stop())
    await service.start()
  }

  async #listen(http: FastifyInstance, port: number): Promise<string> {
    const { teardown, log } = this.#parts
    teardown.defer(() => http.close())
    return listenHttp(http, port, log)
  }
}
