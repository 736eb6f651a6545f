// What a debugger asks of a running emulator: a function as it is now, compiled for it, with what its calls are given.

import type { Builder } from '../build/build.ts'
import { findSource } from '../build/source.ts'
import type { DebugBuild } from '../client/debug-messages.ts'
import type { StreamContext } from '../client/messages.ts'
import type { Config } from '../config.ts'
import type { Interception } from './interception.ts'
import type { Runner } from '../runner/runner.ts'

export interface DebuggingOptions {
  config: Config
  builder: Builder
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
  async build({ path }: { path: string }, context: StreamContext<'debugBuild'>): Promise<DebugBuild> {
    const { config, builder, runner } = this.#options
    const source = await findSource(path, config.runner)
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
