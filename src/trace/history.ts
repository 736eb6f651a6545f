// Stage 7: what was called and what came of it, newest first. Bounded, and kept over restarts.

import { Journal } from '../base/disk/journal.ts'
import { describe } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { HostTrace } from '../host-trace.ts'
import { keepBytes } from './kept-bytes.ts'
import { type InvocationRecord, type KeptBytes, recordSchema } from './record.ts'

export interface HistoryOptions {
  path: string
  log: Log
  maxRecords?: number
  /** Of inputs, outputs and logs that are kept, all records together. */
  maxBytes?: number
}

/** What a call was and came to; bodies of any length. */
export interface Call extends Omit<InvocationRecord, 'id' | 'input' | 'output'> {
  input: Uint8Array
  output?: Uint8Array
}

export interface HistoryQuery {
  /** Only older ones than this id. */
  before?: number
  limit: number
  /** Only of this target. */
  target?: string
}

type Listener = (record: InvocationRecord) => void

/** What a record takes beside its bodies, roughly. */
const recordBytes = 400
/** And one of its host calls. */
const hostCallBytes = 120
const frameBytes = 100

/** The history is no promise to anybody: a record that can't be written is told in the log, and the call goes on. */
export class History {
  readonly #options: Required<HistoryOptions>
  readonly #listeners = new Set<Listener>()
  /** Oldest first. */
  #records: InvocationRecord[] = []
  #bytes = 0
  #nextId = 1
  #journal: Journal<InvocationRecord> | undefined
  #unwritten: InvocationRecord[] = []
  #writtenCount = 0
  #writing: Promise<void> | undefined

  constructor(options: HistoryOptions) {
    this.#options = { maxRecords: 10_000, maxBytes: 24 * 1024 * 1024, ...options }
  }

  /** Reads what is kept; what was called meanwhile comes after it. A damaged file is set aside. */
  async open(): Promise<void> {
    const { path, log } = this.#options
    const parse = (value: unknown): InvocationRecord => recordSchema.parse(value)
    const { journal, records } = await Journal.open({ path, parse, repair: true })
    if (journal.setAside) log.warn(`the damaged history is kept as ${journal.setAside}`)
    const offset = records.at(-1)?.id ?? 0
    const early = this.#records.map((record) => ({ ...record, id: record.id + offset }))
    this.#journal = journal
    this.#writtenCount = records.length
    this.#nextId += offset
    this.#records = []
    this.#bytes = 0
    for (const record of [...records, ...early]) this.#keep(record)
    this.#unwritten = early
    this.#write()
  }

  /** Resolves when what was added so far is on disk, or can't be. */
  async written(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  async close(): Promise<void> {
    await this.written()
    await this.#journal?.close()
    this.#journal = undefined
  }

  add({ input, output, ...call }: Call): InvocationRecord {
    const record: InvocationRecord = {
      ...call,
      id: this.#nextId++,
      input: keepBytes(input),
      ...(output && { output: keepBytes(output) }),
    }
    this.#keep(record)
    this.#unwritten.push(record)
    this.#write()
    for (const listener of this.#listeners) listener(record)
    return record
  }

  /** Newest first. */
  list({ before = Infinity, limit, target }: HistoryQuery): InvocationRecord[] {
    const found: InvocationRecord[] = []
    for (let index = this.#records.length - 1; index >= 0 && found.length < limit; index--) {
      const record = this.#records[index]
      if (record && record.id < before && (target === undefined || record.target === target))
        found.push(record)
    }
    return found
  }

  find(id: number): InvocationRecord | undefined {
    return this.#records.find((record) => record.id === id)
  }

  async clear(): Promise<void> {
    this.#records = []
    this.#unwritten = []
    this.#bytes = 0
    await this.written()
    await this.#journal?.rewrite([])
    this.#writtenCount = 0
  }

  /** Gives what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #keep(record: InvocationRecord): void {
    this.#records.push(record)
    this.#bytes += sizeOf(record)
    const { maxRecords, maxBytes } = this.#options
    let dropped = 0
    while (this.#records.length - dropped > maxRecords || this.#bytes > maxBytes) {
      const oldest = this.#records[dropped]
      if (!oldest) break
      this.#bytes -= sizeOf(oldest)
      dropped++
    }
    if (dropped > 0) this.#records.splice(0, dropped)
  }

  /** Many records that come at once are written at once. */
  #write(): void {
    if (this.#writing || !this.#journal || this.#unwritten.length === 0) return
    const journal = this.#journal
    this.#writing = this.#flush(journal)
      .catch((error: unknown) => this.#options.log.warn(`the history is not written: ${describe(error)}`))
      .finally(() => {
        this.#writing = undefined
        this.#write()
      })
  }

  async #flush(journal: Journal<InvocationRecord>): Promise<void> {
    const records = this.#unwritten.splice(0)
    if (this.#writtenCount + records.length <= 2 * this.#options.maxRecords) {
      await journal.append(...records)
      this.#writtenCount += records.length
      return
    }
    // What was dropped in memory goes from the file as well, now and then.
    const kept = [...this.#records]
    await journal.rewrite(kept)
    this.#writtenCount = kept.length
    this.#unwritten = this.#unwritten.filter(({ id }) => id > (kept.at(-1)?.id ?? 0))
  }
}

function sizeOf({ input, output, logs, host, problem }: InvocationRecord): number {
  const logged = logs.reduce((sum, { message }) => sum + message.length, 0)
  return (
    recordBytes + lengthOf(input) + lengthOf(output) + logged + lengthOfTrace(host) + lengthOfStack(problem)
  )
}

function lengthOfStack(problem: InvocationRecord['problem']): number {
  return (problem?.callStack?.frames.length ?? 0) * frameBytes
}

function lengthOfTrace(host: HostTrace | undefined): number {
  if (!host) return 0
  const words = host.calls.map(({ asked = '', answered = '' }) => asked.length + answered.length)
  return words.reduce((sum, length) => sum + length + hostCallBytes, 0)
}

function lengthOf(kept: KeptBytes | undefined): number {
  return kept?.base64.length ?? 0
}
