// Where in its source a call broke off. The module that runs says nothing of lines: they come from its own DWARF, or
// from building its source once more, which has to give the same code.

import { type Diagnostic, type StackFrame, toWasmateError } from '../../base/errors.ts'
import { Kept, Recent } from '../../base/kept.ts'
import { SingleFlight } from '../../base/single-flight.ts'
import { readSections, sectionIds } from '../../base/wasm/reader.ts'
import type { Builder } from '../../build/build.ts'
import { type DefaultLimits, findSource } from '../../build/source.ts'
import { isOwn } from '../../debug-info.ts'
import { hasDwarf } from '../../debug/info/dwarf.ts'
import { readDebugInfo } from '../../debug/info/info.ts'
import { readModuleParts } from '../../debug/info/module.ts'
import { Lines } from '../../debug/session/lines.ts'
import { type Builds, stampSource } from '../../flows/builds.ts'
import type { Context, Source } from '../../model.ts'
import { CallError } from '../../runner/runner.ts'
import { type SourceLines, placeFrames } from './frames.ts'
import type { GivenCall, SourceFrames } from './source-frames.ts'

export interface PlacesOptions {
  /** The workspace. */
  folder: string
  defaults: DefaultLimits
  builds: Pick<Builds, 'builtTo'>
  builder: Pick<Builder, 'compileLines'>
  sourceFrames: Pick<SourceFrames, 'find'>
  /** Of a module that is loaded. */
  bytesOf(cid: string): Uint8Array | undefined
}

/** `lasts`: it is so for these bytes, whatever is changed here. */
type Found = SourceLines | { missing: string; lasts?: boolean }

/** What was built to a module here last. */
interface Origin {
  source?: Source
  /** `ready`: it is not compiled here. Else whether the source is as it was. */
  state: 'ready' | 'same' | 'changed'
}

/** Of modules whose calls broke off last. */
const maxKept = 32

export class Places {
  readonly #options: PlacesOptions
  readonly #flights = new SingleFlight<Found>()
  /** By CID: a call that breaks off again and again costs one build. */
  readonly #kept = new Recent<Found>(maxKept)

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  /** The same error, with where it came about. Gives what it is given where that is no call that broke off. */
  async place(error: unknown, given: GivenCall, context: Context): Promise<unknown> {
    if (!(error instanceof CallError) || !error.call.frames) return error
    const { cid } = error.call
    const origin = new Kept(() => this.#originOf(cid))
    const findSource = async (): Promise<Source | undefined> => {
      const { source, state } = await origin.get()
      return state === 'same' ? source : undefined
    }
    const inSource = await this.#options.sourceFrames
      .find(error, given, findSource, context)
      .catch(() => undefined)
    if (inSource) return withFrames(error, inSource)
    const found = await this.#flights
      .run(cid, (signal) => this.#find(cid, origin, { signal }), context.signal)
      .catch((why: unknown): Found => ({ missing: reasonOf(why) }))
    return withPlaces(error, error.call.frames, found)
  }

  /** As `place`, with what is known by now. */
  placeAtOnce(error: unknown): unknown {
    if (!(error instanceof CallError) || !error.call.frames) return error
    const known = this.#kept.get(error.call.cid) ?? { missing: 'the caller was not made to wait for them' }
    return withPlaces(error, error.call.frames, known)
  }

  async #find(cid: string, origin: Kept<Origin>, context: Context): Promise<Found> {
    const found = this.#kept.get(cid) ?? (await this.#read(cid, origin, context))
    if (!('missing' in found) || found.lasts) this.#kept.set(cid, found)
    return found
  }

  async #originOf(cid: string): Promise<Origin> {
    const { builds, defaults } = this.#options
    const built = builds.builtTo(cid)
    if (!built) return { state: 'ready' }
    const source = await findSource(built.path, defaults)
    if (source.language === 'wasm') return { source, state: 'ready' }
    return { source, state: (await stampSource(source)) === built.stamp ? 'same' : 'changed' }
  }

  async #read(cid: string, origin: Kept<Origin>, context: Context): Promise<Found> {
    const { bytesOf, folder } = this.#options
    const bytes = bytesOf(cid)
    if (!bytes) return { missing: 'its module was let go meanwhile' }
    const { source, state } = await origin.get()
    const named = { workspace: folder, folder: source?.folder ?? folder }
    const parts = readModuleParts(bytes)
    // What is compiled here has at most the DWARF of a library that was linked in.
    if (!source || state === 'ready') {
      if (hasDwarf(parts)) return { ...named, lines: new Lines(readDebugInfo(bytes, folder)), shift: 0 }
      return source
        ? { missing: 'it has no DWARF: compile it with -g', lasts: true }
        : { missing: 'no function of this workspace was built to it last, and it has no DWARF' }
    }
    if (state === 'changed') return { missing: 'its source has changed since it was built' }
    const made = await this.#options.builder.compileLines(source, context)
    if (!isSameCode(bytes, made.bytes))
      return { missing: 'its compiler gives other code when it is to tell lines', lasts: true }
    const info = readDebugInfo(made.bytes, source.folder, made.symbols)
    const shift = readModuleParts(made.bytes).codeStart - parts.codeStart
    return { ...named, lines: new Lines(info), shift }
  }
}

function withPlaces(error: CallError, frames: StackFrame[], found: Found): CallError {
  const { code, detail, call, cause } = error
  if ('missing' in found) {
    const callStack = { frames, linesMissing: found.missing }
    return new CallError(code, detail, call, { callStack, cause })
  }
  return withFrames(error, placeFrames(frames, found))
}

function withFrames({ code, detail, message, call, cause }: CallError, placed: StackFrame[]): CallError {
  return new CallError(code, detail, call, {
    cause,
    callStack: { frames: placed },
    diagnostics: placeOf(placed, (detail ?? message).replace(placeInModule, '')),
  })
}

/** What a trap says of its place: on a line of the source it adds nothing. */
const placeInModule = / in (?:function \d+|\S+) at 0x[0-9a-f]+/

/** The innermost place that somebody here has written. */
function placeOf(frames: StackFrame[], message: string): Diagnostic[] {
  const found = frames.find(({ file }) => file !== undefined && isOwn(file))
  if (found?.file === undefined || found.line === undefined) return []
  const { file, line, column = 0 } = found
  return [{ file, line, column: Math.max(column, 1), message, severity: 'error' }]
}

function reasonOf(error: unknown): string {
  const { code, message } = toWasmateError(error)
  return code === 'CANCELLED' ? 'nobody waited for them' : message
}

/** But for custom sections, which tell of it and are none of it. */
function isSameCode(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(codeOf(one), codeOf(other)) === 0
}

function codeOf(bytes: Uint8Array): Uint8Array {
  const sections = [...readSections(bytes)].filter(({ id }) => id !== sectionIds.custom)
  return Buffer.concat(sections.map(({ header, end }) => bytes.subarray(header, end)))
}
