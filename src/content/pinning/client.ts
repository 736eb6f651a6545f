// A client of any service that speaks the Pinning Service API. Own fetch in place of @ipfs-shipyard/pinning-service-client:
// that one follows redirects with the token, reads answers of any size, and checks none of them.

import type { z } from 'zod'
import { WasmateError } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import type { Context } from '../../model.ts'
import { carMediaType } from '../car.ts'
import { parseCid } from '../dag/codecs.ts'
import { type Answered, type Asked, exchange } from './exchange.ts'
import {
  type PinQuery,
  type PinRequest,
  type PinResults,
  type PinStatus,
  failureSchema,
  resultsSchema,
  statusSchema,
} from './messages.ts'

export interface PinningClientOptions {
  /** URL of the API, without /pins. */
  url: string
  /** Where a CAR may be sent, when the service has that. */
  uploadUrl?: string | undefined
  token: string
  /** How long the service may stay silent: 30 seconds unless given. */
  silenceMs?: number
}

/** The cause of PINNING_REFUSED. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** What Retry-After asks for (RFC 9110 section 10.2.3). */
  readonly retryAfterMs: number | undefined

  constructor(status: number, message: string, retryAfterMs: number | undefined) {
    super(message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

const maxAnswerBytes = 1024 * 1024
/** A thousand objects with all their metadata. */
const maxListBytes = 16 * maxAnswerBytes

/** Every method throws PINNING_UNREACHABLE, PINNING_REFUSED, PINNING_ANSWER_INVALID or CANCELLED, with the URL. */
export class PinningClient {
  readonly #options: PinningClientOptions
  readonly #pins: string

  /** Throws PINNING_TOKEN_MISSING for a token that can't be sent; it is not shown. */
  constructor(options: PinningClientOptions) {
    if (!/^[\x21-\x7e]+$/.test(options.token)) {
      throw new WasmateError('PINNING_TOKEN_MISSING', 'it is empty or has characters that no header carries')
    }
    this.#options = options
    this.#pins = `${options.url.replace(/\/+$/, '')}/pins`
  }

  async add(pin: PinRequest, { signal }: Context = {}): Promise<PinStatus> {
    return this.#change(this.#pins, pin, signal)
  }

  async get(requestid: string, { signal }: Context = {}): Promise<PinStatus> {
    const status = await this.#ask({ method: 'GET', url: this.#of(requestid) }, statusSchema, signal)
    if (status.requestid === requestid) return status
    throw new WasmateError('PINNING_ANSWER_INVALID', `${this.#of(requestid)} tells of another request`)
  }

  /** Newest first, as the service sends them. */
  async list(query: PinQuery = {}, { signal }: Context = {}): Promise<PinResults> {
    const url = `${this.#pins}${writeQuery(query)}`
    return this.#ask({ method: 'GET', url }, resultsSchema, signal, maxListBytes)
  }

  /** The request gets a new id with most services. */
  async replace(requestid: string, pin: PinRequest, { signal }: Context = {}): Promise<PinStatus> {
    return this.#change(this.#of(requestid), pin, signal)
  }

  async remove(requestid: string, { signal }: Context = {}): Promise<void> {
    await this.#send({ method: 'DELETE', url: this.#of(requestid) }, maxAnswerBytes, signal)
  }

  /** Sends a CAR to the upload URL. Throws also when the service answers with a CID, and it is not that of the root. */
  async upload(
    root: string,
    car: AsyncIterable<Uint8Array>,
    { signal, report }: Context = {},
  ): Promise<void> {
    const { uploadUrl: url } = this.#options
    if (url === undefined) throw new WasmateError('INPUT_INVALID', 'the service has no uploadUrl')
    const body = counted(car, (bytes) => report?.({ doing: `sending ${root}: ${bytes} bytes` }))
    const { text } = await this.#send(
      { method: 'POST', url, body, type: carMediaType },
      maxAnswerBytes,
      signal,
    )
    const returned = findCid(text)
    if (returned === undefined || isSameDag(returned, root)) return
    throw new WasmateError('PINNING_ANSWER_INVALID', `${url} took ${printable(returned, 120)} for ${root}`)
  }

  async #change(url: string, pin: PinRequest, signal: AbortSignal | undefined): Promise<PinStatus> {
    const asked = { method: 'POST', url, body: JSON.stringify(pin) } as const
    const status = await this.#ask(asked, statusSchema, signal)
    if (isSameDag(status.pin.cid, pin.cid)) return status
    const detail = `${url} was asked for ${pin.cid} and answers with ${printable(status.pin.cid, 120)}`
    throw new WasmateError('PINNING_ANSWER_INVALID', detail)
  }

  async #ask<T>(
    asked: Omit<Asked, 'token'>,
    schema: z.ZodType<T>,
    signal: AbortSignal | undefined,
    maxBytes = maxAnswerBytes,
  ): Promise<T> {
    const { text, status } = await this.#send(asked, maxBytes, signal)
    const parsed = schema.safeParse(readJson(text))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') || 'the whole'
    const detail = `${asked.url} (HTTP ${status}; ${where}: ${issue?.message ?? ''}): ${printable(text, 200)}`
    throw new WasmateError('PINNING_ANSWER_INVALID', detail)
  }

  async #send(
    asked: Omit<Asked, 'token'>,
    maxBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<Answered> {
    const { token, silenceMs = 30_000 } = this.#options
    const answered = await exchange({ ...asked, token }, { maxBytes, silenceMs, signal })
    if (answered.status >= 200 && answered.status < 300) return answered
    const refusal = toRefusal(answered)
    throw new WasmateError('PINNING_REFUSED', `${asked.url}: ${refusal.message}`, { cause: refusal })
  }

  #of(requestid: string): string {
    return `${this.#pins}/${encodeURIComponent(requestid)}`
  }
}

/** Lists repeat the name (OpenAPI style form, explode), metadata is JSON. */
function writeQuery({ cid, status, meta, ...single }: PinQuery): string {
  const query = new URLSearchParams()
  for (const each of cid ?? []) query.append('cid', each)
  for (const each of status ?? []) query.append('status', each)
  if (meta) query.append('meta', JSON.stringify(meta))
  for (const [name, value] of Object.entries(single)) query.append(name, String(value))
  return query.size > 0 ? `?${query.toString()}` : ''
}

function toRefusal({ status, text, headers }: Answered): Refusal {
  const retryAfterMs = readRetryAfter(headers.get('retry-after'))
  const wait = retryAfterMs === undefined ? '' : `, to be asked again in ${Math.ceil(retryAfterMs / 1000)} s`
  if (status >= 300 && status < 400) {
    const target = printable(headers.get('location') ?? 'elsewhere', 200)
    return new Refusal(status, `HTTP ${status} leads to ${target}; redirects are not followed`, undefined)
  }
  const failure = failureSchema.safeParse(readJson(text))
  const { reason, details } = failure.success
    ? failure.data.error
    : { reason: text.slice(0, 200), details: '' }
  const said = [reason, details].filter(Boolean).join(': ')
  return new Refusal(status, printable(`HTTP ${status}${said && ` ${said}`}${wait}`, 1_000), retryAfterMs)
}

/** Seconds, or a date. */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Not JSON: no schema takes that.
    return undefined
  }
}

/** Uploads have no common answer: a `cid` or `root` in JSON is looked for, as text or as a dag-json link. */
function findCid(text: string): string | undefined {
  const { cid, root, Cid } = Object(readJson(text)) as Record<string, unknown>
  const found = cid ?? root ?? Cid
  const link = typeof found === 'object' && found !== null && '/' in found ? found['/'] : found
  return typeof link === 'string' && link !== '' ? link : undefined
}

/** Whether both texts are CIDs of the same DAG: a service may write a CIDv0 as version 1. */
export function isSameDag(given: string, wanted: string): boolean {
  try {
    const [a, b] = [parseCid(given), parseCid(wanted)]
    return a.code === b.code && Buffer.compare(a.multihash.bytes, b.multihash.bytes) === 0
  } catch {
    // A text that is no CID is not that of the root.
    return false
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  tell: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    yield chunk
    tell((bytes += chunk.length))
  }
}
