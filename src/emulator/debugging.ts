// What a debugger asks of a running emulator: a function as it is now, compiled for it, with what its calls are given.

import type { Builder } from '../build/build.ts'
import { findSource } from '../build/source.ts'
import type { DebugBuild, DebugReceiptRequest, RecordedCall } from '../client/debug-messages.ts'
import type { Config } from '../config.ts'
import type { Context, Source } from '../model.ts'
import type { Interception } from './interception.ts'
import type { Runner } from '../runner/runner.ts'
import type { Workspace } from '../workspace.ts'
import { findLocal } from './local.ts'
import { readRecorded } from './receipts/recorded-call.ts'
import type { Receipts } from './receipts/receipts.ts'

export interface DebuggingOptions {
  config: Config
  workspace: Workspace
  builder: Builder
  receipts: Receipts
  runner: Pick<Runner, 'varsOf'>
  interception: Interception
}

export class Debugging {
  readonly #options: DebuggingOptions

  constructor(options: DebuggingOptions) {
    this.#options = options
  }

  readonly next: Interception['next'] = (...asked) => this.#options.interception.next(...asked)
  readonly answer: Interception['answer'] = (answer) => this.#options.interception.answer(answer)

  /** Nothing of it is kept, pinned or registered. */
  async build({ path }: { path: string }, context: Context): Promise<DebugBuild> {
    return this.#build(await findSource(path, this.#options.config.runner), context)
  }

  /** A call once more, told what it was told: in its source where that is here, else in the module that ran. */
  async receipt(request: DebugReceiptRequest, context: Context): Promise<RecordedCall> {
    const { config, builder, receipts, workspace } = this.#options
    const cid = receipts.find(request)
    const receipt = await receipts.stages.receipt(cid, context)
    const source =
      request.path === undefined
        ? await findLocal(receipt.function, workspace.folder, config)
        : await findSource(request.path, config.runner)
    const stages = { config, builder, module: receipts.stages.module }
    const build = source && (await this.#build(source, context))
    return readRecorded({ cid, receipt }, source && build && { source, build }, stages, context)
  }

  async #build(source: Source, context: Context): Promise<DebugBuild> {
    const { config, builder, runner } = this.#options
    const { bytes, exports, symbols } = await builder.compileForDebugger(source, context)
    const { name, folder, entry, language, options, defaultExport } = source
    const vars = [...runner.varsOf(name)].map(([key, value]): [string, string] => [key, toBase64(value)])
    const { hostFunctions, allowedPaths } = config.runner
    return {
      ...{ name, folder, entry, language, exports, options, vars, base64: toBase64(bytes) },
      ...(symbols && { symbols }),
      ...(defaultExport !== undefined && { defaultExport }),
      settings: { hostFunctions, allowedPaths },
    }
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
