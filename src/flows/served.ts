// Which module answers for which name here, and how far the chain's events are worked off. Survives a restart.

import { readState } from '../base/disk/state-file.ts'
import { type Problem, WasmateError, describe } from '../base/errors.ts'
import { type Log, silentLog } from '../base/log.ts'
import { StateWriter } from '../base/disk/state-writer.ts'
import type { FunctionOptions, ServedFunction } from '../model.ts'
import type { Cursor } from '../registry/events/cursor.ts'
import { type Answering, type ServedVersion, type Standing, servedSchema } from './served-state.ts'

export type { ServedVersion } from './served-state.ts'

/** What a name is called with. */
export interface CallOptions {
  options: FunctionOptions
  defaultExport?: string | undefined
}

/** What the registry says of a name since a block. */
export interface Change {
  name: string
  /** Absent: none is current. */
  version?: ServedVersion
  /** Absent: it can't be told which block said so. */
  block?: number
}

/** What the events of one page came to. */
export interface Recorded {
  changes: Change[]
  yanked: { name: string; version: number }[]
  cursor: Cursor
}

/** Why a version of a name does not answer. */
export interface NameProblem {
  name: string
  version: number
  cid: string
  problem: Problem
}

const nothing: ServedVersion = { cid: '', version: 0, sha256: '', size: 0 }
/** How often a cursor is written that moved over blocks without events. */
const idleRecordMs = 30_000
const noCursor: Cursor = { address: '', blockNumber: 0, anchors: [] }

export class Served {
  readonly #path: string
  readonly #defaults: FunctionOptions
  #cursor = noCursor
  /** The version the registry names as current. */
  #current = new Map<string, Standing>()
  /** The version that answers: behind the current one while that is being loaded, or can't be. */
  #answering = new Map<string, Answering>()
  #options = new Map<string, CallOptions>()
  readonly #problems = new Map<string, NameProblem>()
  readonly #writer: StateWriter
  #recordAt = 0
  readonly #log: Log

  constructor(path: string, defaults: FunctionOptions, log: Log = silentLog) {
    this.#path = path
    this.#defaults = defaults
    this.#log = log
    this.#writer = new StateWriter(path, () => this.#toState())
  }

  /** Which version answers is on the chain as well: of a damaged table only the options of names are lost. */
  async open(): Promise<void> {
    const stored = await readState(this.#path, (value) => servedSchema.parse(value)).catch(
      (error: unknown) => {
        if (error instanceof WasmateError && error.code === 'STATE_NEWER') throw error
        this.#log.warn(
          `${describe(error)}; limits, hosts and config of functions come back as each is deployed`,
        )
      },
    )
    if (!stored) return
    this.#cursor = { address: stored.address, blockNumber: stored.cursor, anchors: stored.anchors }
    this.#current = new Map(stored.current)
    this.#answering = new Map(stored.answering)
    this.#options = new Map(stored.options)
  }

  /** How far the registry's events are in this table. */
  get cursor(): Cursor {
    return this.#cursor
  }

  answering(name: string): Answering | undefined {
    return this.#answering.get(name)
  }

  current(name: string): ServedVersion | undefined {
    const standing = this.#current.get(name)
    return standing?.version ? standing : undefined
  }

  /** The block that made the current version what it is, or withdrew it; 0 when that is not known. */
  currentSince(name: string): number {
    return this.#current.get(name)?.block ?? 0
  }

  /** Names whose current version does not answer yet. */
  behind(): string[] {
    return [...this.#current]
      .filter(([name, standing]) => standing.version > 0 && !isSame(this.#answering.get(name), standing))
      .map(([name]) => name)
  }

  /** Names of which it is not known any more what the registry says. */
  uncertain(): string[] {
    return [...this.#current].filter(([, { block }]) => block === undefined).map(([name]) => name)
  }

  /** Every name that answers, and with what. */
  list(): ServedFunction[] {
    return [...this.#answering].map(([name, { cid, version, size }]) => {
      return { name, cid, version, size, ...this.callOptions(name) }
    })
  }

  callOptions(name: string): CallOptions {
    return this.#options.get(name) ?? { options: this.#defaults }
  }

  /** Why the current version of a name does not answer; `undefined` while nothing is wrong. Not kept over a restart. */
  problem(name: string): NameProblem | undefined {
    return this.#problems.get(name)
  }

  problems(): NameProblem[] {
    return [...this.#problems.values()]
  }

  setProblem(problem: NameProblem): void {
    this.#problems.set(problem.name, problem)
  }

  async setOptions(name: string, options: FunctionOptions, defaultExport: string | undefined): Promise<void> {
    const next = { options, ...(defaultExport !== undefined && { defaultExport }) }
    if (JSON.stringify(this.#options.get(name)) === JSON.stringify(next)) return
    this.#options.set(name, next)
    await this.#writer.save()
  }

  /**
   * Takes what the events up to the cursor have changed, in one write. A name without a version stops answering;
   * a version that answers and was yanked does so only until the current one does, or can't.
   */
  async record({ changes, yanked, cursor }: Recorded): Promise<void> {
    this.#cursor = cursor
    for (const { name, version, block } of changes) {
      const standing = { ...nothing, ...version, ...(block !== undefined && { block }) }
      this.#current.set(name, standing)
      const answering = this.#answering.get(name)
      if (!version) this.#answering.delete(name)
      // What was yanked on blocks that are gone is not yanked.
      else if (answering && isSame(answering, standing)) delete answering.yanked
      if (!isSame(this.#problems.get(name), standing)) this.#problems.delete(name)
    }
    for (const { name, version } of yanked) {
      const answering = this.#answering.get(name)
      if (answering?.version === version) answering.yanked = true
    }
    if (changes.length + yanked.length === 0 && performance.now() < this.#recordAt) return
    this.#recordAt = performance.now() + idleRecordMs
    await this.#writer.save()
  }

  /** Blocks after the cursor are gone: what they said has to be asked for. Nothing stops answering by it. */
  async retract(cursor: Cursor): Promise<void> {
    this.#cursor = cursor
    for (const standing of this.#current.values()) {
      if ((standing.block ?? Infinity) > cursor.blockNumber) delete standing.block
    }
    await this.#writer.save()
  }

  async setAnswering(name: string, version: ServedVersion): Promise<void> {
    const { cid, version: number, sha256, size } = version
    this.#answering.set(name, { cid, version: number, sha256, size })
    this.#problems.delete(name)
    await this.#writer.save()
  }

  /** What the registry says of this name has to be asked for. */
  doubt(name: string): void {
    const { block: _, ...standing }: Standing = this.#current.get(name) ?? nothing
    this.#current.set(name, standing)
  }

  /** The name answers no more, until its current version does. */
  async silence(name: string): Promise<void> {
    if (this.#answering.delete(name)) await this.#writer.save()
  }

  /** Resolves when all that changed is written. */
  flush(): Promise<void> {
    const saved = this.#writer.save()
    return Promise.all([saved, this.#writer.flush()]).then(() => undefined)
  }

  #toState(): unknown {
    const { address, blockNumber, anchors } = this.#cursor
    return {
      ...{ cursor: blockNumber, address, anchors },
      current: [...this.#current],
      answering: [...this.#answering],
      options: [...this.#options],
    }
  }
}

/** A chain that was cut back gives a version number again, to other bytes. */
export function isSame(
  a: Pick<ServedVersion, 'version' | 'cid'> | undefined,
  b: Pick<ServedVersion, 'version' | 'cid'>,
): boolean {
  return a?.version === b.version && a.cid === b.cid
}
