// A call that broke off -> the same call on a build for the debugger, where every function is one still: an optimiser puts
// small ones in the place of their calls, and then the line that broke off is none of those that the module tells.

import type { ErrorCode, StackFrame } from '../../base/errors.ts'
import { Recent } from '../../base/kept.ts'
import type { Builder } from '../../build/build.ts'
import { readDebugInfo } from '../../debug/info/info.ts'
import { Lines } from '../../debug/session/lines.ts'
import type { Context, FunctionOptions, Source } from '../../model.ts'
import type { Replays } from '../../runner/replay/replays.ts'
import type { BrokenCall } from '../../runner/runner.ts'
import { type SourceLines, placeFrames } from './frames.ts'

/** What the call was given. */
export interface GivenCall {
  input: Uint8Array
  options: FunctionOptions
}

export interface SourceFramesOptions {
  builder: Pick<Builder, 'compileForDebugger'>
  replays: Pick<Replays, 'run'>
  /** The workspace. */
  folder: string
}

interface Compiled extends SourceLines {
  bytes: Uint8Array
}

/** Longer ones are not run once more: without an optimiser they take several times as long. */
const longestMs = 500
const patience = 20
const kept = { builds: 8, calls: 128 }

export class SourceFrames {
  readonly #options: SourceFramesOptions
  /** By CID of the module that ran. */
  readonly #builds = new Recent<Promise<Compiled | undefined>>(kept.builds)
  /** By module and place: a call that breaks off again and again is run once more only once. */
  readonly #calls = new Recent<Promise<StackFrame[] | undefined>>(kept.calls)

  constructor(options: SourceFramesOptions) {
    this.#options = options
  }

  /** `findSource` gives what builds to the module that ran. `undefined` without it, and where the call does not break off there the same way. */
  async find(
    { call, code }: { call: BrokenCall; code: ErrorCode },
    given: GivenCall,
    findSource: (cid: string) => Promise<Source | undefined>,
    context: Context,
  ): Promise<StackFrame[] | undefined> {
    const { cid, recording, frames = [], durationMs } = call
    if (!recording || durationMs > longestMs) return undefined
    const key = [cid, call.export, ...frames.map(({ offset }) => offset)].join(' ')
    return keep(this.#calls, key, async () => {
      const compiled = await keep(this.#builds, cid, async () => {
        const source = await findSource(cid)
        return source && this.#compile(source, context)
      })
      if (!compiled) return undefined
      const { events, vars } = recording
      const outcome = await this.#options.replays.run(
        {
          ...{
            cid: `${cid} for the debugger`,
            bytes: compiled.bytes,
            export: call.export,
            input: given.input,
          },
          options: { ...given.options, timeoutMs: given.options.timeoutMs * patience },
          ...{ script: { events, vars, matching: 'strict' }, metered: false },
        },
        context,
      )
      const { result, diverged } = outcome
      if (result.ok || diverged || result.error.code !== code || !result.frames) return undefined
      return placeFrames(result.frames, compiled)
    })
  }

  async #compile(source: Source, context: Context): Promise<Compiled> {
    const { builder, folder: workspace } = this.#options
    const { bytes, symbols } = await builder.compileForDebugger(source, context)
    const lines = new Lines(readDebugInfo(bytes, source.folder, symbols))
    return { bytes, lines, shift: 0, folder: source.folder, workspace }
  }
}

/** What fails is not kept: another asks in a context of its own. */
function keep<T>(all: Recent<Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = all.get(key)
  if (known) return known
  const made = make()
  all.set(key, made)
  made.catch(() => all.drop(key, made))
  return made
}
