// What can be asked of a running emulator about receipts: to replay one, the last ones on what a folder builds to, and
// which version first gave an answer.

import type { Builder } from '../../build/build.ts'
import { findSource } from '../../build/source.ts'
import type { AgainstRequest, ReceiptRequest, ReplayRequest } from '../../client/messages.ts'
import type { Config } from '../../config.ts'
import { cidOfFile } from '../../content/import.ts'
import { type AgainstReport, replayAgainst } from '../../flows/replay/against.ts'
import { type Bisection, type BisectStages, bisect } from '../../flows/replay/bisect.ts'
import { type ReplayReport, replay } from '../../flows/replay/replay.ts'
import type { Context } from '../../model.ts'
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

  /** Builds the folder; nothing is pinned, registered or called. */
  async against({ path, last }: AgainstRequest, context: Context): Promise<AgainstReport> {
    const { config, builder, receipts } = this.#options
    const source = await findSource(path, config.runner)
    context.report?.({ doing: `building ${source.name}` })
    const { bytes } = await builder.compile(source, context)
    const cid = await cidOfFile(bytes, config.content.profile)
    const kept = receipts.last(source.name, last)
    return replayAgainst(source.name, kept, { cid, bytes }, receipts.stages, context)
  }

  async bisect(request: ReceiptRequest, context: Context): Promise<Bisection> {
    const history: BisectStages['history'] = (name, asked) => this.#names.log({ name }, asked)
    const { receipts } = this.#options
    return bisect(receipts.find(request), { ...receipts.stages, history }, context)
  }
}
