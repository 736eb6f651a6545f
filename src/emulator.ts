// What the settings say becomes parts, started in order and stopped in reverse. devnet takes longest: it goes first,
// and what the rest consists of is only read while it starts. The chain follows by itself.

import type { Log } from './base/log.ts'
import { type Service, startOrUndo } from './base/service.ts'
import { Teardown } from './base/teardown.ts'
import { makeChainSide } from './emulator/chain-side.ts'
import { Instance } from './emulator/instance.ts'
import type { EmulatorOptions } from './emulator/options.ts'
import { Loader } from './flows/load.ts'
import { Outbox } from './registry/outbox.ts'
import { Runner } from './runner/runner.ts'
import { Served } from './flows/served.ts'
import type { Content } from './emulator/content.ts'

/** To read the services' code takes long enough to be worth waiting for devnet's process first, but not for more. */
const headStartMs = 100

export class Emulator implements Service {
  readonly #options: EmulatorOptions
  readonly #teardown = new Teardown()
  readonly #instance: Instance

  constructor(options: EmulatorOptions) {
    this.#options = options
    this.#instance = new Instance(options.workspace, this.#teardown)
  }

  /** Resolves when everything but the chain is up; throws EMULATOR_STARTING when another process holds the workspace. */
  async start(signal?: AbortSignal): Promise<void> {
    await startOrUndo(this.#teardown, () => this.#start(signal))
  }

  stop(): Promise<void> {
    return this.#teardown.run()
  }

  async #start(signal?: AbortSignal): Promise<void> {
    const log = await this.#instance.claim(this.#options.log, this.#options)
    signal?.throwIfAborted()
    await this.#construct(log)
    signal?.throwIfAborted()
  }

  async #construct(log: Log): Promise<void> {
    const { workspace, config, environment, repair } = this.#options
    const teardown = this.#teardown
    const served = new Served(
      workspace.served,
      { ...config.runner, allowedHosts: [], config: {} },
      log.for('follow'),
    )
    const outbox = new Outbox({ path: workspace.publications, log: log.for('registry'), repair })
    const runner = new Runner({
      ...config.runner,
      workerUrl: environment.workers.runner,
      log: log.for('runner'),
      onDecision: ({ kind, reason, workers, function: name }) => {
        log
          .for('runner')
          .debug(`${kind}${name === undefined ? '' : ` for ${name}`}: ${reason}; ${workers} threads`)
      },
    })
    const loader = new Loader({ runner, fetch: async (...asked) => (await content()).fetch(...asked) })
    const side = makeChainSide({
      ...{ config, ...environment, folder: workspace.chain, repair, served, outbox, loader, log },
      frontUrl: async () => (await services).chainUrl,
      onRegistry: (registry) => this.#instance.announce({ registry }),
      onState: (state) => this.#instance.rememberChild(state),
    })
    const content = async (): Promise<Content> => (await services).content
    const parts = { ...this.#options, ...side, log, teardown, instance: this.#instance }
    const services = side.chain.begun(headStartMs).then(async () => {
      const { beginServices } = await import('./emulator/services.ts')
      return beginServices({ ...parts, served, outbox, runner, loader })
    })
    teardown.defer(() => side.chain.stop())
    side.chain.start()
    await (
      await services
    ).up
    // Once more, so that it is the first to stop: what it does needs all the rest.
    teardown.defer(() => side.chain.stop())
  }
}
