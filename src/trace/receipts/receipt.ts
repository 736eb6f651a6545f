// A receipt: all that an execution was given and what it came to, as one block. docs/receipts.md describes it.

import { CID } from 'multiformats/cid'
import { z } from 'zod'
import { type CallStack, type ErrorCode, WasmateError, describe, errorTable } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import type { LogLine } from '../../host-trace.ts'
import type { Digest, HostEvent, VarsBefore } from '../../recording.ts'
import { callStackSchema } from '../call-stack.ts'
import { decodeDagJson, encodeDagJson } from './dag-json.ts'

/** Raised when receipts change their form; an earlier Wasmate then refuses them. */
export const receiptFormat = 1

/** ECMA-262, section 21.4.1.1. */
const lastDate = 8.64e15

/** Some name all that would be right, which is a page. */
const maxReason = 160

export interface Receipt {
  wasmate: 'receipt'
  format: number
  /** A link: whoever has the receipt whole has the module. */
  module: CID
  /** The name or CID that was called; its vars are meant. */
  function: string
  version?: number | undefined
  export: string
  /** Milliseconds since 1970. */
  at: number
  /** A digest when it is too large for a receipt; then there is no replay. */
  input: Uint8Array | Digest
  limits: { timeoutMs: number; maxMemoryBytes: number }
  /** Hosts that it might reach. */
  allowedHosts: string[]
  /** Name and value; what is secret by its name is redacted. */
  config: [string, string][]
  vars: VarsBefore
  /** What it asked of its host and was answered, in order; absent when it is too large. Then there is no replay. */
  host?: HostEvent[] | undefined
  logs: LogLine[]
  /** A digest when it is too large. */
  output?: Uint8Array | Digest | undefined
  problem?: { code: ErrorCode; detail: string; callStack?: CallStack | undefined } | undefined
  /** In the function itself. */
  durationMs: number
  /** Instructions. */
  fuel?: number | undefined
  /** Why there is no fuel. */
  fuelMissing?: string | undefined
  faithful: boolean
  /** Why a replay may come to something else. */
  unfaithful: string[]
}

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes')
const link = z.custom<CID>((value) => CID.asCID(value) !== null, 'expected a link')
const digest = z.object({ size: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
const body = z.union([bytes, digest])
const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]
const code = z.enum(codes)
const whole = z.string().regex(/^-?\d+$/)
const number = z.string().regex(/^-?[\w.+-]+$/)
const pair = z.tuple([z.string(), z.string()])

/** Headers are pairs on disk: a key of DAG-JSON can't be everything that a name can. */
const headers = z.array(pair)
const failed = z.object({ code: code.optional(), detail: z.string() }).optional()

const eventSchema = z.discriminatedUnion('call', [
  z.object({ call: z.literal('clock'), id: z.int(), ns: whole }),
  z.object({ call: z.literal('random'), bytes }),
  z.object({ call: z.enum(['config', 'var-get']), key: z.string() }),
  z.object({ call: z.literal('var-set'), key: z.string(), value: bytes.optional() }),
  z.object({
    call: z.literal('http'),
    request: z.object({ method: z.string(), url: z.string(), headers, body: digest.optional() }),
    answer: z.object({ status: z.int(), headers, body: bytes }).optional(),
    failed,
  }),
  z.object({
    ...{ call: z.literal('function'), module: z.string(), name: z.string() },
    ...{ asked: z.array(z.union([z.string(), bytes])), stored: z.array(bytes) },
    ...{ answer: number.optional(), failed },
  }),
])

const fields = z.object({
  ...{ wasmate: z.literal('receipt'), format: z.literal(receiptFormat), module: link },
  ...{ function: z.string(), version: z.int().min(1).optional(), export: z.string(), input: body },
  at: z.int().min(0).max(lastDate),
  limits: z.object({ timeoutMs: z.int().min(1), maxMemoryBytes: z.int().min(65_536) }),
  ...{ allowedHosts: z.array(z.string()), config: z.array(pair) },
  vars: z.object({
    bytes: z.int().min(0),
    read: z.array(z.object({ key: z.string(), value: bytes.optional() })),
  }),
  host: z.array(eventSchema).optional(),
  logs: z.array(
    z.object({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']), message: z.string() }),
  ),
  output: body.optional(),
  problem: z.object({ code, detail: z.string(), callStack: callStackSchema.optional() }).optional(),
  ...{ durationMs: z.number().min(0), fuel: z.int().min(0).optional(), fuelMissing: z.string().optional() },
  ...{ faithful: z.boolean(), unfaithful: z.array(z.string()) },
})

const receiptSchema = fields.refine(
  ({ output, problem }) => (output === undefined) !== (problem === undefined),
  'expected an output or a problem',
)

/** A block of DAG-JSON. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return encodeDagJson({ ...receipt, host: receipt.host?.map(toStored) })
}

/** Throws RECEIPT_INVALID, or RECEIPT_NEWER. */
export function decodeReceipt(block: Uint8Array, cid: string): Receipt {
  const value = decode(block, cid)
  const { wasmate, format } = (value ?? {}) as Record<string, unknown>
  if (wasmate !== 'receipt') throw new WasmateError('RECEIPT_INVALID', `${cid} holds something else`)
  if (typeof format === 'number' && format > receiptFormat) {
    throw new WasmateError('RECEIPT_NEWER', `${cid} has format ${format}, known is ${receiptFormat}`)
  }
  const parsed = receiptSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const why = printable(issue?.message ?? '', maxReason)
    throw new WasmateError('RECEIPT_INVALID', `${cid}: ${issue?.path.join('.')}: ${why}`)
  }
  // One CID, one meaning: of two members of one name readers take different ones.
  if (Buffer.compare(encodeDagJson(value), block) !== 0) {
    throw new WasmateError('RECEIPT_INVALID', `${cid} is not canonical DAG-JSON`)
  }
  return { ...parsed.data, host: parsed.data.host?.map(fromStored) }
}

function decode(block: Uint8Array, cid: string): unknown {
  try {
    return decodeDagJson(block)
  } catch (error) {
    throw new WasmateError('RECEIPT_INVALID', `${cid} is no DAG-JSON (${describe(error)})`, { cause: error })
  }
}

type StoredEvent = z.infer<typeof eventSchema>

function toStored(event: HostEvent): StoredEvent {
  if (event.call !== 'http') return event
  const { request, answer } = event
  return {
    ...event,
    request: { ...request, headers: Object.entries(request.headers) },
    ...(answer && { answer: { ...answer, headers: Object.entries(answer.headers) } }),
  } as StoredEvent
}

function fromStored(event: StoredEvent): HostEvent {
  if (event.call !== 'http') return event
  const { request, answer } = event
  return {
    ...event,
    request: { ...request, headers: Object.fromEntries(request.headers) },
    answer: answer && { ...answer, headers: Object.fromEntries(answer.headers) },
  }
}
