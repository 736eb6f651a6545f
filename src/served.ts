// Which module answers for which name here, and how far the chain's events are worked off. Survives a restart.

import { z } from 'zod'
import { readState, writeState } from './base/state-file.ts'
import type { FunctionOptions, ServedFunction } from './model.ts'

const versionSchema = z.object({
  cid: z.string(),
  version: z.number(),
  sha256: z.string(),
  size: z.number(),
})

const optionsSchema = z.object({
  timeoutMs: z.number(),
  maxMemoryBytes: z.number(),
  allowedHosts: z.array(z.string()),
  config: z.record(z.string(), z.string()),
})

const stateSchema = z.object({
  /** Number of the last block whose events are all in this table; 0 before the first. */
  cursor: z.number(),
  /** The version the registry names as current. */
  current: z.record(z.string(), versionSchema),
  /** The version that answers: behind `current` while that is being loaded, or can't be. */
  answering: z.record(z.string(), versionSchema),
  options: z.record(z.string(), z.object({ options: optionsSchema, defaultExport: z.string().optional() })),
})

export type ServedVersion = z.infer<typeof versionSchema>
type State = z.infer<typeof stateSchema>

/** What a name is called with. */
export interface CallOptions {
  options: FunctionOptions
  defaultExport?: string | undefined
}

export class Served {
  readonly #path: string
  readonly #defaults: FunctionOptions
  #state: State = { cursor: 0, current: {}, answering: {}, options: {} }
  #writing: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined

  constructor(path: string, defaults: FunctionOptions) {
    this.#path = path
    this.#defaults = defaults
  }

  /** A damaged table is only a cache of the chain: it is built anew from the first block. */
  async open(): Promise<void> {
    const stored = await readState(this.#path, (value) => stateSchema.parse(value)).catch(() => undefined)
    if (stored) this.#state = stored
  }

  get cursor(): number {
    return this.#state.cursor
  }

  answering(name: string): ServedVersion | undefined {
    return this.#state.answering[name]
  }

  current(name: string): ServedVersion | undefined {
    return this.#state.current[name]
  }

  /** Names whose current version does not answer yet. */
  behind(): [name: string, wanted: ServedVersion][] {
    const { current, answering } = this.#state
    return Object.entries(current).filter(([name, { version, cid }]) => {
      const there = answering[name]
      return there?.version !== version || there.cid !== cid
    })
  }

  /** Every name that answers, and with what. */
  list(): ServedFunction[] {
    return Object.entries(this.#state.answering).map(([name, { cid, version, size }]) => {
      return { name, cid, version, size, ...this.callOptions(name) }
    })
  }

  callOptions(name: string): CallOptions {
    return this.#state.options[name] ?? { options: this.#defaults }
  }

  async setOptions(name: string, options: FunctionOptions, defaultExport: string | undefined): Promise<void> {
    const next = { options, defaultExport }
    if (JSON.stringify(this.#state.options[name]) === JSON.stringify(next)) return
    this.#state.options[name] = next
    await this.#save()
  }

  async setCurrent(name: string, version: ServedVersion, cursor: number): Promise<void> {
    this.#state.current[name] = version
    this.#state.cursor = Math.max(this.#state.cursor, cursor)
    await this.#save()
  }

  /** The name answers no more: its current version was yanked and none stands in. */
  async remove(name: string, cursor: number): Promise<void> {
    const { [name]: _current, ...current } = this.#state.current
    const { [name]: _answering, ...answering } = this.#state.answering
    this.#state = { ...this.#state, current, answering, cursor: Math.max(this.#state.cursor, cursor) }
    await this.#save()
  }

  /** The chain is another one than before: its events are read from the first block. */
  async forget(): Promise<void> {
    this.#state = { ...this.#state, cursor: 0, current: {}, answering: {} }
    await this.#save()
  }

  async setAnswering(name: string, version: ServedVersion): Promise<void> {
    this.#state.answering[name] = version
    await this.#save()
  }

  /** One write at a time; all that changed while one runs goes into the next. */
  #save(): Promise<void> {
    this.#queued ??= this.#writing.then(() => {
      this.#queued = undefined
      return writeState(this.#path, this.#state)
    })
    this.#writing = this.#queued
    return this.#queued
  }
}
