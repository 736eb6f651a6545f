// What can be asked of a running emulator about receipts: to replay one, the last ones on what a folder builds to, and
// which version first gave an answer.

import { readFile } from 'node:fs/promises'
import type { Builder } from '../../build/build.ts'
import { findSource } from '../../build/source.ts'
import type { AgainstRequest, ReceiptRequest, ReplayRequest } from '../../client/messages.ts'
import type { Config } from '../../config.ts'
import { cidOfFile } from '../../content/import.ts'
import { type AgainstReport, replayAgainst } from '../../flows/replay/against.ts'
import { type Bisection, type BisectStages, bisect } from '../../flows/replay/bisect.ts'
import { type ReplayReport, type ReplayedModule, replay } from '../../flows/replay/replay.ts'
import type { Context, Source } from '../../model.ts'
import type { Names } from '../names.ts'
import type { Receipts } from './receipts.ts'

export interface ReplayingOptions {
  receipts: Receipts
  config: Config
  builder: Builder
}

export class Replaying {
  readonly #options: ReplayingOptions
  readonly #names: Pick<Names, 'log'>

  constructor(options: ReplayingOptions, names: Pick<Names, 'log'>) {
    this.#options = options
    this.#names = names
  }

  async replay(request: ReplayRequest, context: Context): Promise<ReplayReport> {
    const { receipts } = this.#options
    return replay(receipts.find(request), receipts.stages, { fuel: request.fuel }, context)
  }

  /** Builds the folder, unless it is built already; nothing is pinned, registered or called. */
  async against({ path, last, built }: AgainstRequest, context: Context): Promise<AgainstReport> {
    const { config, receipts } = this.#options
    const source = await findSource(path, config.runner)
    const kept = receipts.last(source.name, last)
    const module = await (built ? this.#readBuilt(built, context) : this.#build(source, context))
    return replayAgainst(source.name, kept, module, receipts.stages, context)
  }

  async #readBuilt(
    { cid, file }: NonNullable<AgainstRequest['built']>,
    context: Context,
  ): Promise<ReplayedModule> {
    const { stages } = this.#options.receipts
    return { cid, bytes: await (file === undefined ? stages.module(cid, context) : readFile(file)) }
  }

  async #build(source: Source, context: Context): Promise<ReplayedModule> {
    const { config, builder } = this.#options
    context.report?.({ doing: `building ${source.name}` })
    const { bytes } = await builder.compile(source, context)
    return { cid: await cidOfFile(bytes, config.content.profile), bytes }
  }

  async bisect(request: ReceiptRequest, context: Context): Promise<Bisection> {
    const history: BisectStages['history'] = (name, asked) => this.#names.log({ name }, asked)
    const { receipts } = this.#options
    return bisect(receipts.find(request), { ...receipts.stages, history }, context)
  }
}
