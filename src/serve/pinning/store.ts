// The pin requests of the service and what they hold, in a journal: what was answered is there after a crash.

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Journal } from '../../base/disk/journal.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import { type PinRequest, type PinState, pinStates } from '../../content/pinning/messages.ts'

export interface StoredRequest {
  requestid: string
  /** RFC 3339 to the millisecond; no two are equal, since clients page by it. */
  created: string
  pin: PinRequest
  status: PinState
  info: Record<string, string>
  /** Gone for clients; what it holds goes too, as soon as the request that replaces it has ended. */
  leaving?: { after?: string | undefined } | undefined
}

/** The pin of one CID that requests brought about, and how the node had it before. */
export interface Claim {
  /** In the form that the pin set has it in. */
  cid: string
  found: 'none' | 'direct' | 'recursive'
  /** What requests called it. Under another name the pin has become somebody else's. */
  names: string[]
}

const requestSchema = z.strictObject({
  requestid: z.string(),
  created: z.iso.datetime(),
  pin: z.strictObject({
    cid: z.string(),
    name: z.string().optional(),
    origins: z.array(z.string()).optional(),
    meta: z.record(z.string(), z.string()).optional(),
  }),
  status: z.enum(pinStates),
  info: z.record(z.string(), z.string()),
  leaving: z.strictObject({ after: z.string().optional() }).optional(),
})
const recordSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('put'), request: requestSchema }),
  z.strictObject({
    op: z.literal('state'),
    requestid: z.string(),
    status: z.enum(pinStates),
    info: z.record(z.string(), z.string()),
  }),
  z.strictObject({ op: z.literal('leave'), requestid: z.string(), after: z.string().optional() }),
  z.strictObject({ op: z.literal('drop'), requestid: z.string() }),
  z.strictObject({
    op: z.literal('claim'),
    cid: z.string(),
    found: z.enum(['none', 'direct', 'recursive']),
    names: z.array(z.string()),
  }),
  z.strictObject({ op: z.literal('unclaim'), cid: z.string() }),
])
type StoreRecord = z.infer<typeof recordSchema>

export class PinStore {
  readonly #journal: Journal<StoreRecord>
  readonly #requests = new Map<string, StoredRequest>()
  readonly #claims = new Map<string, Claim>()
  #lastCreated = 0

  private constructor(journal: Journal<StoreRecord>) {
    this.#journal = journal
  }

  /** Throws STATE_DAMAGED, unless `repair` keeps the intact head of the journal. */
  static async open(path: string, repair: boolean): Promise<PinStore> {
    const { journal, records } = await Journal.open({ path, repair, parse: parseRecord })
    const store = new PinStore(journal)
    for (const record of records) store.#apply(record)
    const state = store.#snapshot()
    // Rewritten when most of it is history.
    if (records.length > 2 * state.length + 64) await journal.rewrite(state)
    return store
  }

  /** Where a damaged journal was set aside when it was opened with `repair`. */
  get setAside(): string | undefined {
    return this.#journal.setAside
  }

  /** A new request that is not stored yet. */
  make(pin: PinRequest): StoredRequest {
    this.#lastCreated = Math.max(Date.now(), this.#lastCreated + 1)
    const created = new Date(this.#lastCreated).toISOString()
    return { requestid: randomUUID(), created, pin, status: 'queued', info: {} }
  }

  get(requestid: string): StoredRequest | undefined {
    return this.#requests.get(requestid)
  }

  /** Oldest first. */
  all(): StoredRequest[] {
    return [...this.#requests.values()]
  }

  claim(cid: string): Claim | undefined {
    return this.#claims.get(cid)
  }

  claims(): Claim[] {
    return [...this.#claims.values()]
  }

  /** Resolves when it is on disk. With `replaces` that request leaves as soon as the new one has ended. */
  add(request: StoredRequest, replaces?: string): Promise<void> {
    const leaving = { op: 'leave' as const, requestid: replaces ?? '', after: request.requestid }
    return this.#commit({ op: 'put', request }, ...(replaces === undefined ? [] : [leaving]))
  }

  /** Changes nothing else of it: it may be leaving by then. */
  setState(requestid: string, status: PinState, info: Record<string, string>): Promise<void> {
    return this.#commit({ op: 'state', requestid, status, info })
  }

  /** Only until the process ends: for a disk that takes nothing. */
  rememberState(requestid: string, status: PinState, info: Record<string, string>): void {
    this.#apply({ op: 'state', requestid, status, info })
  }

  leave(requestid: string): Promise<void> {
    return this.#commit({ op: 'leave', requestid })
  }

  drop(requestid: string): Promise<void> {
    return this.#commit({ op: 'drop', requestid })
  }

  setClaim(claim: Claim): Promise<void> {
    return this.#commit({ op: 'claim', ...claim })
  }

  dropClaim(cid: string): Promise<void> {
    return this.#commit({ op: 'unclaim', cid })
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  async #commit(...records: StoreRecord[]): Promise<void> {
    await this.#journal.append(...records)
    for (const record of records) this.#apply(record)
  }

  #apply(record: StoreRecord): void {
    if (record.op === 'put') this.#keep(record.request)
    else if (record.op === 'claim') this.#claims.set(record.cid, { ...record })
    else if (record.op === 'unclaim') this.#claims.delete(record.cid)
    else if (record.op === 'drop') this.#requests.delete(record.requestid)
    else {
      const request = this.#requests.get(record.requestid)
      if (!request) return
      const { status, info } = record.op === 'state' ? record : request
      const leaving = record.op === 'leave' ? { after: record.after } : request.leaving
      this.#keep({ ...request, status, info, leaving })
    }
  }

  #keep(request: StoredRequest): void {
    this.#requests.set(request.requestid, request)
    this.#lastCreated = Math.max(this.#lastCreated, Date.parse(request.created))
  }

  #snapshot(): StoreRecord[] {
    return [
      ...this.claims().map(({ cid, found, names }) => ({ op: 'claim' as const, cid, found, names })),
      ...this.all().map((request) => ({ op: 'put' as const, request })),
    ]
  }
}

function parseRecord(value: unknown): StoreRecord {
  const record = recordSchema.parse(value)
  if (record.op === 'put') parseCid(record.request.pin.cid)
  return record
}
