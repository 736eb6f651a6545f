// The way up of a source, as a running emulator is asked for it: deployed, pinned alone, registered once it is pinned.

import { WasmateError } from '../../base/errors.ts'
import { readSourceFiles } from '../../build/files.ts'
import { findSource } from '../../build/source.ts'
import type { DeployRequest, StreamContext } from '../../client/messages.ts'
import {
  type DeployStages,
  type Deployment,
  type Pinned,
  type Registered,
  deploy,
  pinModule,
  registerPinned,
} from '../../flows/deploy.ts'
import type { Build } from '../../flows/builds.ts'
import type { Follower } from '../../flows/follow.ts'
import type { Context, Publication, Registration, Source } from '../../model.ts'
import type { Report } from '../../steps.ts'
import { checkSize } from '../local.ts'
import { afterAll } from '../names.ts'
import type { Workbench, WorkbenchOptions } from '../workbench.ts'
import { StepsInOrder } from './steps-in-order.ts'

export interface DeployingOptions extends WorkbenchOptions {
  follower: Follower
}

export class Deploying {
  readonly #options: DeployingOptions
  readonly #workbench: Workbench

  constructor(options: DeployingOptions, workbench: Workbench) {
    this.#options = options
    this.#workbench = workbench
  }

  async deploy({ path, wait }: DeployRequest, context: StreamContext<'deploy'>): Promise<Deployment> {
    const source = await findSource(path, this.#options.config.runner)
    return this.#workbench.watchBuild(
      source,
      () => {
        const report: Report = (step) => context.step?.(step)
        const stages = this.#deployStages(wait, report)
        return this.#follow(source, () => deploy(source, stages, context, report), context, report)
      },
      toBuild,
    )
  }

  /** Registers what was pinned last of this source, without building it. Throws NOT_PINNED. */
  async register({ path }: { path: string }, context: StreamContext<'register'>): Promise<Deployment> {
    const { config, builds, content, served } = this.#options
    const source = await findSource(path, config.runner)
    const { name, options, defaultExport } = source
    const build = builds.find(source)
    if (!build?.pinned || !(await content.isPinned(build.cid, context.signal))) {
      throw new WasmateError('NOT_PINNED', name)
    }
    const { cid, size, exports } = build
    const { sha256, sourceCid, profile } = build.pinned
    const publication = { name, cid, sha256, size, sourceCid }
    const pinned = { name, pin: { cid, size, profile }, exports, publication }
    const report: Report = (step) => context.step?.(step)
    await served.setOptions(name, options, defaultExport)
    const stages = this.#deployStages(false, report)
    return this.#follow(source, () => registerPinned(pinned, stages, context, report), context, report)
  }

  async pin(
    { path }: { path: string },
    context: StreamContext<'pin'>,
  ): Promise<Pinned & { publication: Publication }> {
    const source = await findSource(path, this.#options.config.runner)
    const report: Report = (step) => context.step?.(step)
    const { builder, content } = this.#deployStages(false, report)
    return this.#workbench.watchBuild(
      source,
      () => pinModule(source, { builder, content }, context, report),
      toBuild,
    )
  }

  /** The event, the fetch and the load of what is registered are told as well. */
  async #follow(
    source: Source,
    work: () => Promise<Deployment>,
    context: Context,
    report: Report,
  ): Promise<Deployment> {
    const told = new StepsInOrder(report)
    const deaf = this.#options.follower.listen((name, step) => {
      if (name === source.name) told.follow(step)
    })
    try {
      const deployment = await work()
      told.registered()
      const { registration } = deployment.registered
      if (registration) await this.#answers(registration, context)
      return deployment
    } finally {
      deaf()
    }
  }

  async #answers(registration: Registration, { signal }: Context): Promise<void> {
    await this.#options.follower.answers(registration, signal).catch((error: unknown) => {
      throw afterAll(`${registration.name} v${registration.version} is registered`, error)
    })
  }

  #deployStages(wait: boolean, report: Report): DeployStages {
    const { builder, content, served, config } = this.#options
    const { profile, maxFetchBytes } = config.content
    return {
      builder,
      served,
      content: {
        pin: async (module, name, context) => {
          checkSize(module.bytes.length, maxFetchBytes)
          return content.pinFile(module.bytes, { profile, name }, context)
        },
        pinSource: async (source, module, context) => {
          const files = await readSourceFiles(source, module)
          if (files.length === 0) return ''
          const { cid } = await content.pinFolder(files, { profile, name: `${source.name} source` }, context)
          return cid
        },
      },
      register: (publication, context) => this.#register(publication, wait, context, report),
    }
  }

  async #register(
    publication: Publication,
    wait: boolean,
    context: Context,
    report: Report,
  ): Promise<Registered> {
    const { outbox, chain } = this.#options
    const same = await this.#findSame(publication)
    if (same) return { state: 'unchanged', registration: same }
    const { registered } = await outbox.add(publication)
    if (chain.status.state !== 'ready') {
      if (!wait) return { state: 'pending', registration: undefined }
      report({ step: 'register', ms: 0, facts: { state: 'pending', cid: publication.cid } })
    }
    return chain.waitWith(registered, context)
  }

  /**
   * The same bytes are current already: nothing needs to be sent, unless it is to tell of their source. The chain is
   * asked only when it may well be so.
   */
  async #findSame(publication: Publication): Promise<Registration | undefined> {
    const { served, chain } = this.#options
    const known = served.current(publication.name)
    if (known?.cid !== publication.cid || chain.status.state !== 'ready') return undefined
    const { current } = await chain.registry.resolve(publication.name)
    if (current.cid !== publication.cid || !current.sha256) return undefined
    if (publication.sourceCid && publication.sourceCid !== current.sourceCid) return undefined
    return { ...current, transactionHash: '', blockNumber: 0 }
  }
}

function toBuild({
  pin,
  exports,
  publication: { sha256, sourceCid },
}: Pinned): Pick<Build, 'cid' | 'size' | 'exports' | 'pinned'> {
  const { cid, size, profile } = pin
  return { cid, size, exports, pinned: { sha256, sourceCid, profile } }
}
