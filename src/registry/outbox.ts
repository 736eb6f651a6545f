// Publications on their way to the chain. Journaled before they are sent, so that one that was accepted
// from a person reaches the chain however often the emulator, or the chain, dies in between.

import { z } from 'zod'
import { type WasmateError, describe, toWasmateError } from '../base/errors.ts'
import { Journal } from '../base/disk/journal.ts'
import type { Log } from '../base/log.ts'
import type { Context, Publication, RegisteredFunction, Registration } from '../model.ts'

const publicationSchema = z.object({
  name: z.string(),
  cid: z.string(),
  sha256: z.string(),
  size: z.number(),
  sourceCid: z.string(),
})

const recordSchema = z.union([
  z.object({ id: z.number(), publication: publicationSchema }),
  /** The publication is on the chain, or was refused by it for good. */
  z.object({ id: z.number(), settled: z.string() }),
])

type OutboxRecord = z.infer<typeof recordSchema>

/** The part of the registry's client that an outbox needs. */
export interface Publisher {
  publish(publication: Publication, context: Context): Promise<Registration>
  resolve(name: string): Promise<RegisteredFunction>
}

/** `unchanged`: it was on the chain before it could be sent from here. */
export interface Settled {
  state: 'registered' | 'unchanged'
  registration: Registration
}

const retryMs = 1_000

interface Entry {
  id: number
  publication: Publication
  /**
   * It may be on the chain already: `sent`, by a process that did not live to see the answer or over a connection that
   * broke; `unasked`, as nobody could look when it was added.
   */
  uncertain: 'sent' | 'unasked' | undefined
  registered: Promise<Settled>
  resolve(settled: Settled): void
  reject(error: unknown): void
}

export interface OutboxOptions {
  path: string
  log: Log
  repair?: boolean
}

export class Outbox {
  readonly #options: OutboxOptions
  readonly #entries: Entry[] = []
  #journal: Journal<OutboxRecord> | undefined
  #publisher: Publisher | undefined
  #draining: Promise<void> | undefined
  #closing = new AbortController()
  #nextId = 1
  #adding: Promise<unknown> = Promise.resolve()
  #retry: NodeJS.Timeout | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { path, repair } = this.#options
    const parse = (value: unknown): OutboxRecord => recordSchema.parse(value)
    const { journal, records } = await Journal.open({ path, parse, ...(repair && { repair }) })
    this.#journal = journal
    for (const { id, publication } of unsettled(records)) {
      this.#enqueue(id, publication, 'sent')
      this.#nextId = Math.max(this.#nextId, id + 1)
    }
    await journal.rewrite(this.#entries.map(({ id, publication }) => ({ id, publication })))
  }

  /** Names that wait. */
  get pending(): Publication[] {
    return this.#entries.map((entry) => entry.publication)
  }

  /**
   * Resolves when the publication is journaled; `registered` settles when the chain has answered.
   * The same bytes and source under the same name that wait already are not sent twice.
   */
  add(publication: Publication): Promise<{ registered: Promise<Settled> }> {
    const added = this.#adding.then(() => this.#addNow(publication))
    this.#adding = added.catch(() => undefined)
    return added
  }

  /** The chain is there: what waits goes out, in order. `undefined`: the chain is gone. */
  connect(publisher: Publisher | undefined): void {
    clearTimeout(this.#retry)
    this.#publisher = publisher
    this.#drain()
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry)
    this.#publisher = undefined
    this.#closing.abort()
    await this.#draining
    await this.#journal?.close()
    for (const entry of this.#entries.splice(0)) entry.reject(this.#closing.signal.reason)
  }

  /** Only what is on disk is in the queue: nothing is sent, or said to wait, that a crash could lose. */
  async #addNow(publication: Publication): Promise<{ registered: Promise<Settled> }> {
    if (!this.#journal) throw new Error('the outbox is not open')
    const waiting = this.#entries.findLast((entry) => entry.publication.name === publication.name)
    if (waiting && isSame(waiting.publication, publication)) return { registered: waiting.registered }
    const id = this.#nextId++
    await this.#journal.append({ id, publication })
    const { registered } = this.#enqueue(id, publication, this.#publisher ? undefined : 'unasked')
    this.#drain()
    return { registered }
  }

  #enqueue(id: number, publication: Publication, uncertain: Entry['uncertain']): Entry {
    const { promise: registered, resolve, reject } = withResolvers<Settled>()
    // Nobody may be waiting by the time it settles: the log tells of a refusal.
    registered.catch(() => undefined)
    const entry = { id, publication, uncertain, registered, resolve, reject }
    this.#entries.push(entry)
    return entry
  }

  #drain(): void {
    this.#draining ??= this.#sendAll().finally(() => {
      this.#draining = undefined
      if (this.#publisher && this.#entries.length > 0) this.#drain()
    })
  }

  async #sendAll(): Promise<void> {
    for (let entry = this.#entries[0]; entry && this.#publisher; entry = this.#entries[0]) {
      const publisher = this.#publisher
      try {
        await this.#settle(entry, await this.#send(entry, publisher))
      } catch (error) {
        const known = toWasmateError(error)
        if (!isFinal(known)) return this.#waitForChain(entry, known, publisher)
        await this.#refuse(entry, known)
      }
    }
  }

  async #send(entry: Entry, publisher: Publisher): Promise<Settled> {
    const { publication, uncertain } = entry
    const landed = uncertain && (await findLanded(publication, publisher))
    if (landed) return { state: uncertain === 'sent' ? 'registered' : 'unchanged', registration: landed }
    entry.uncertain = 'sent'
    const registration = await publisher.publish(publication, { signal: this.#closing.signal })
    return { state: 'registered', registration }
  }

  async #settle(entry: Entry, settled: Settled): Promise<void> {
    await this.#finish(entry, `version ${settled.registration.version}`)
    entry.resolve(settled)
  }

  async #refuse(entry: Entry, error: WasmateError): Promise<void> {
    this.#options.log.warn(`${entry.publication.name} was not registered: ${error.message}`)
    await this.#finish(entry, error.code)
    entry.reject(error)
  }

  /** Without this record the next start looks on the chain whether the publication is there. */
  async #finish(entry: Entry, settled: string): Promise<void> {
    await this.#journal?.append({ id: entry.id, settled }).catch((error: unknown) => {
      this.#options.log.warn(
        `${entry.publication.name} is settled, but that is not on disk: ${describe(error)}`,
      )
    })
    this.#entries.shift()
  }

  /** The entry stays first and is tried again, sooner when somebody connects a chain that came back. */
  #waitForChain(entry: Entry, error: WasmateError, publisher: Publisher): void {
    this.#options.log.warn(`${entry.publication.name} waits for the chain: ${error.message}`)
    if (this.#publisher !== publisher) return
    this.#publisher = undefined
    this.#retry = setTimeout(() => this.connect(publisher), retryMs)
  }
}

interface Resolvers<T> {
  promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): Resolvers<T> {
  const resolvers: Partial<Resolvers<T>> = {}
  const promise = new Promise<T>((resolve, reject) => Object.assign(resolvers, { resolve, reject }))
  return { ...resolvers, promise } as Resolvers<T>
}

function unsettled(records: OutboxRecord[]): { id: number; publication: Publication }[] {
  const waiting = new Map<number, { id: number; publication: Publication }>()
  for (const record of records) {
    if ('publication' in record) waiting.set(record.id, record)
    else waiting.delete(record.id)
  }
  return [...waiting.values()]
}

/** A refusal by the contract is an answer; everything else may pass. */
function isFinal(error: WasmateError): boolean {
  return error.code === 'NAME_TAKEN' || error.code === 'TRANSACTION_REVERTED' || error.code === 'NAME_INVALID'
}

/** The same bytes with another source are news: it is what they are verified by. */
function isSame(a: Publication, b: Publication): boolean {
  return a.cid === b.cid && a.sha256 === b.sha256 && a.sourceCid === b.sourceCid
}

async function findLanded(publication: Publication, publisher: Publisher): Promise<Registration | undefined> {
  try {
    const { current } = await publisher.resolve(publication.name)
    if (!isSame(current, publication)) return undefined
    return {
      ...publication,
      version: current.version,
      publisher: current.publisher,
      transactionHash: '',
      blockNumber: 0,
    }
  } catch (error) {
    if (toWasmateError(error).code === 'FUNCTION_NOT_FOUND') return undefined
    throw error
  }
}
