// What clients of the pinning service send, checked by the schemas of its specification.

import { z } from 'zod'
import { WasmateError } from '../../base/errors.ts'
import { namedIssues } from '../../config.ts'
import { dagKeyOf, parseCid } from '../../content/dag/codecs.ts'
import { type PinRequest, type PinState, matchings, pinStates } from '../../content/pinning/messages.ts'

/** Section "PinMeta": at most 1000 members, values are text. */
const metaSchema = z
  .record(z.string(), z.string())
  .refine((meta) => Object.keys(meta).length <= 1000, 'has more than 1000 members')

const nameSchema = z.string().max(255)

/** Section "Pin". Other members are left out, as every service does. */
const pinSchema = z.object({
  cid: z.string(),
  name: nameSchema.optional(),
  origins: z
    .array(z.string().max(1024))
    .max(20)
    .refine((origins) => new Set(origins).size === origins.length, 'names one twice')
    .optional(),
  meta: metaSchema.optional(),
})

/** A timestamp of RFC 3339 section 5.6, which allows small letters as well. */
const timeSchema = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => Date.parse(text))

const querySchema = z.object({
  cid: z.array(z.string()).min(1).max(10).optional(),
  name: nameSchema.optional(),
  match: z.enum(matchings).default('exact'),
  status: z.array(z.enum(pinStates)).min(1).optional(),
  before: timeSchema.optional(),
  after: timeSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(10),
  meta: metaSchema.optional(),
})

export interface ListFilter {
  /** Keys of DAGs, as `dagKeyOf` makes them. */
  dags?: Set<string> | undefined
  name?: string | undefined
  match: (typeof matchings)[number]
  status?: PinState[] | undefined
  /** Milliseconds since 1970. */
  before?: number | undefined
  after?: number | undefined
  limit: number
  meta?: Record<string, string> | undefined
}

/** Throws INPUT_INVALID naming the member, or CID_INVALID. */
export function parsePin(body: unknown): PinRequest {
  const pin = parse(pinSchema, readJson('the body', body))
  parseCid(pin.cid)
  return pin
}

/** Throws INPUT_INVALID naming the parameter, or CID_INVALID. */
export function parseFilter(url: string): ListFilter {
  const query = new URL(url, 'http://service').searchParams
  const meta = query.get('meta')
  const { cid, ...filter } = parse(querySchema, {
    ...Object.fromEntries([...query].filter(([name, value]) => !listed.has(name) && value !== '')),
    ...(query.has('cid') && { cid: readList(query, 'cid') }),
    ...(query.has('status') && { status: readList(query, 'status') }),
    ...(meta !== null && { meta: readJson('meta', meta) }),
  })
  return { ...filter, dags: cid && new Set(cid.map((text) => dagKeyOf(parseCid(text)))) }
}

const listed = new Set(['cid', 'status', 'meta'])

/** `?cid=a&cid=b` by the specification (style form, explode); Kubo 0.44 sends `?cid=a,b`. */
function readList(query: URLSearchParams, name: string): string[] {
  return [...new Set(query.getAll(name).flatMap((value) => value.split(',')))]
}

function readJson(what: string, text: unknown): unknown {
  if (typeof text !== 'string') throw new WasmateError('INPUT_INVALID', `${what} has to be JSON`)
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new WasmateError('INPUT_INVALID', `${what} is not JSON`, { cause: error })
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new WasmateError('INPUT_INVALID', namedIssues(parsed.error))
}
