// The objects of the Pinning Service API (https://ipfs.github.io/pinning-services-api-spec/, version 0.1.2), as a
// foreign service sends them: checked, and never more believed than that.

import { z } from 'zod'

export const pinStates = ['queued', 'pinning', 'pinned', 'failed'] as const

export type PinState = (typeof pinStates)[number]

/** What is asked for: a CID to be pinned recursively, and hints. */
export interface PinRequest {
  cid: string
  /** At most 255 characters. */
  name?: string | undefined
  /** Multiaddrs that have the content, at most 20. */
  origins?: string[] | undefined
  meta?: Record<string, string> | undefined
}

export interface PinStatus {
  requestid: string
  status: PinState
  /** RFC 3339. */
  created: string
  pin: PinRequest
  /** Multiaddrs of peers that the service fetches with; some services give none. */
  delegates: string[]
  /** Whatever the service tells besides, as it was returned. */
  info?: Record<string, unknown> | undefined
}

export interface PinResults {
  /** Of all that match, also of those that are not in `results`. */
  count: number
  results: PinStatus[]
}

/** What `list` may be narrowed by; absent members match everything. */
export interface PinQuery {
  /** At most 10. */
  cid?: string[]
  name?: string
  match?: (typeof matchings)[number]
  status?: PinState[]
  /** RFC 3339; created before or after it. */
  before?: string
  after?: string
  /** 1 to 1000; 10 unless given. */
  limit?: number
  meta?: Record<string, string>
}

export const matchings = ['exact', 'iexact', 'partial', 'ipartial'] as const

/** Services in the wild send null for what they don't have. */
function maybe<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema.nullish().transform((value) => value ?? undefined)
}

const text = z.string().max(4096)

const requestSchema = z.object({
  cid: text.min(1),
  name: maybe(text).optional(),
  origins: maybe(z.array(text).max(1000)).optional(),
  meta: maybe(z.record(z.string(), z.string())).optional(),
})

export const statusSchema = z.object({
  requestid: text.min(1),
  status: z.enum(pinStates),
  created: z.string().max(64),
  pin: requestSchema,
  delegates: maybe(z.array(text).max(1000))
    .optional()
    .transform((addresses) => addresses ?? []),
  info: maybe(z.record(z.string(), z.unknown())).optional(),
})

export const resultsSchema = z.object({
  count: z.int().min(0),
  results: z.array(statusSchema).max(1000),
})

/** Section "Failure"; `details` is optional, and more may be there. filecoin-pin 0.13 says all of it in one text. */
export const failureSchema = z.object({
  error: z.union([
    z.object({ reason: z.string(), details: z.string().nullish() }),
    z.string().transform((reason) => ({ reason, details: '' })),
  ]),
})
