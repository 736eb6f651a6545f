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

const callOptionsSchema = z.object({ options: optionsSchema, defaultExport: z.string().optional() })

const versionsSchema = z.array(z.tuple([z.string(), versionSchema]))

/** Names come from anybody: as pairs, none of them can be taken for a property of an object. */
const stateSchema = z.object({
  cursor: z.number(),
  current: versionsSchema,
  answering: versionsSchema,
  options: z.array(z.tuple([z.string(), callOptionsSchema])),
})

export type ServedVersion = z.infer<typeof versionSchema>

/** What a name is called with. */
export interface CallOptions {
  options: FunctionOptions
  defaultExport?: string | undefined
}

export class Served {
  readonly #path: string
  readonly #defaults: FunctionOptions
  /** Number of the last block whose events are all in this table; 0 before the first. */
  #cursor = 0
  /** The version the registry names as current. */
  #current = new Map<string, ServedVersion>()
  /** The version that answers: behind the current one while that is being loaded, or can't be. */
  #answering = new Map<string, ServedVersion>()
  #options = new Map<string, CallOptions>()
  #writing: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined

  constructor(path: string, defaults: FunctionOptions) {
    this.#path = path
    this.#defaults = defaults
  }

  /** A damaged table is only a cache of the chain: it is built anew from the first block. */
  async open(): Promise<void> {
    const stored = await readState(this.#path, (value) => stateSchema.parse(value)).catch(() => undefined)
    if (!stored) return
    this.#cursor = stored.cursor
    this.#current = new Map(stored.current)
    this.#answering = new Map(stored.answering)
    this.#options = new Map(stored.options)
  }

  get cursor(): number {
    return this.#cursor
  }

  answering(name: string): ServedVersion | undefined {
    return this.#answering.get(name)
  }

  current(name: string): ServedVersion | undefined {
    return this.#current.get(name)
  }

  /** Names whose current version does not answer yet. */
  behind(): string[] {
    const names = [...this.#current].filter(([name, { version, cid }]) => {
      const there = this.#answering.get(name)
      return there?.version !== version || there.cid !== cid
    })
    return names.map(([name]) => name)
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

  async setOptions(name: string, options: FunctionOptions, defaultExport: string | undefined): Promise<void> {
    const next = { options, ...(defaultExport !== undefined && { defaultExport }) }
    if (JSON.stringify(this.#options.get(name)) === JSON.stringify(next)) return
    this.#options.set(name, next)
    await this.#save()
  }

  async setCurrent(name: string, version: ServedVersion, cursor: number): Promise<void> {
    this.#current.set(name, version)
    this.#cursor = Math.max(this.#cursor, cursor)
    await this.#save()
  }

  async setAnswering(name: string, version: ServedVersion): Promise<void> {
    this.#answering.set(name, version)
    await this.#save()
  }

  /** The name answers no more: its current version was yanked and none stands in. */
  async remove(name: string, cursor: number): Promise<void> {
    this.#current.delete(name)
    this.#answering.delete(name)
    this.#cursor = Math.max(this.#cursor, cursor)
    await this.#save()
  }

  /** The chain is another one than before: its events are read from the first block. */
  async forget(): Promise<void> {
    this.#cursor = 0
    this.#current.clear()
    this.#answering.clear()
    await this.#save()
  }

  /** One write at a time; all that changed while one runs goes into the next. One that failed spoils no later one. */
  #save(): Promise<void> {
    this.#queued ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined
        return writeState(this.#path, {
          cursor: this.#cursor,
          current: [...this.#current],
          answering: [...this.#answering],
          options: [...this.#options],
        })
      })
    this.#writing = this.#queued
    return this.#queued
  }
}
