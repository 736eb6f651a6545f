// The control API: what the CLI and the editor ask of a running emulator. Loopback, bearer token, no web pages.

import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, WasmateError, errorTable, toProblem } from '../base/errors.ts'
import { namedIssues } from '../config.ts'
import type {
  EmulatorStatus,
  ListRequest,
  StreamContext,
  StreamEvent,
  StreamName,
  Streams,
} from '../client/messages.ts'
import type { ListedFunction } from '../model.ts'
import { networkSchema } from '../networks.ts'
import { createHttp } from './http.ts'

type StreamTarget = {
  [Name in StreamName]: (
    request: Streams[Name]['request'],
    context: StreamContext<Name>,
  ) => Promise<Streams[Name]['result']>
}

/** What the emulator offers; each is one call there. */
export interface ControlTarget extends StreamTarget {
  status(): Promise<EmulatorStatus>
  list(request: ListRequest): Promise<ListedFunction[]>
  /** Begins to stop; the emulator answers first. */
  requestStop(): void
}

export interface ControlOptions {
  target: ControlTarget
  token: string
  /** Largest input of a call. */
  maxInputBytes: number
}

/** Beside the input of a call, which is base64 in it. */
const requestBytes = 1024 * 1024

const name = z.string().min(1)
const version = z.int().min(1)
const account = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, 'expected 0x and hex digits')
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')

const receipt = { receipt: name.optional(), invocation: z.int().min(1).optional() }
const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

const nothing = z.strictObject({}) as z.ZodType<Record<string, never>>

const schemas: { [Name in StreamName]: z.ZodType<Streams[Name]['request']> } = {
  deploy: z.strictObject({ path: z.string().min(1), wait: z.boolean() }),
  verify: z.strictObject({
    name,
    network: name.optional(),
    version: version.optional(),
    attest: z.boolean().optional(),
  }),
  change: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['set-current', 'yank']), name, version }),
    z.strictObject({ kind: z.literal('transfer-ownership'), name, to: account }),
    z.strictObject({ kind: z.literal('accept-ownership'), name }),
    z.strictObject({ kind: z.enum(['add-maintainer', 'remove-maintainer']), name, account }),
    z.strictObject({ kind: z.literal('attest'), name, version, sha256 }),
  ]),
  diff: z.strictObject({ name }),
  log: z.strictObject({ name, network: name.optional() }),
  watch: z.strictObject({ name }),
  build: z.strictObject({ path: z.string().min(1) }),
  debugBuild: z.strictObject({ path: z.string().min(1) }),
  debugNext: z.strictObject({ name }),
  debugAnswer: z.strictObject({
    ...{ id: name, export: name, durationMs: z.number() },
    logs: z.array(
      z.strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']), message: z.string() }),
    ),
    result: z.discriminatedUnion('ok', [
      z.strictObject({ ok: z.literal(true), base64: z.base64() }),
      z.strictObject({ ok: z.literal(false), code: z.enum(errorCodes), detail: z.string() }),
    ]),
  }),
  pin: z.strictObject({ path: z.string().min(1) }),
  register: z.strictObject({ path: z.string().min(1) }),
  overview: nothing,
  invoke: z.strictObject({ target: name, export: name.optional(), base64: z.base64() }),
  history: z.strictObject({
    before: z.int().min(1).optional(),
    limit: z.int().min(1).max(1000),
    target: name.optional(),
  }),
  replay: z.strictObject({ ...receipt, fuel: z.boolean().optional() }),
  against: z.strictObject({
    ...{ path: z.string().min(1), last: z.int().min(1).max(1000) },
    built: z.strictObject({ cid: name, file: z.string().min(1).optional() }).optional(),
  }),
  bisect: z.strictObject(receipt),
  clear: nothing,
  networks: z.strictObject({ profiles: z.record(z.string(), networkSchema) }),
  accounts: nothing,
  changes: nothing,
}
const listSchema = z.strictObject({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  network: name.optional(),
})

export function createControl({ target, token, maxInputBytes }: ControlOptions): FastifyInstance {
  const maxBodyBytes = requestBytes + Math.ceil((maxInputBytes * 4) / 3)
  const http = createHttp({ maxBodyBytes, loopbackOrigins: false, token })
  http.get('/status', () => target.status())
  http.get('/functions', async (request) => ({
    functions: await target.list(parse(listSchema, request.query)),
  }))
  for (const name of Object.keys(schemas) as StreamName[]) addStream(http, target, name)
  http.post('/stop', async (_request, reply) => {
    reply.raw.once('finish', () => target.requestStop())
    return { stopping: true }
  })
  return http
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new WasmateError('INPUT_INVALID', namedIssues(parsed.error))
  return parsed.data
}

function addStream<Name extends StreamName>(http: FastifyInstance, target: StreamTarget, name: Name): void {
  http.post(`/${name}`, (request, reply) => {
    const asked = parse<Streams[Name]['request']>(schemas[name], request.body)
    return stream<Name>(reply, (context) => target[name](asked, context))
  })
}

type Work<Name extends StreamName> = (context: StreamContext<Name>) => Promise<Streams[Name]['result']>

/** NDJSON, one event a line as it happens; a failure is the last line, since the status has gone out by then. */
function stream<Name extends StreamName>(reply: FastifyReply, work: Work<Name>): FastifyReply {
  const lines = new Readable({ read: () => undefined })
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const emit = (event: StreamEvent<Name>): void => void lines.push(`${JSON.stringify(event)}\n`)
  work({
    signal: gone.signal,
    report: (progress) => emit({ type: 'progress', progress }),
    step: (step) => emit({ type: 'step', step }),
  })
    .then((result) => emit({ type: 'result', result }))
    .catch((error: unknown) => emit({ type: 'error', problem: toProblem(error) }))
    .finally(() => lines.push(null))
  return reply.type('application/x-ndjson').send(lines)
}
