// The control API: what the CLI and the editor ask of a running emulator. Loopback, bearer token, no web pages.

import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { WasmateError, toProblem } from '../base/errors.ts'
import { namedIssues } from '../config.ts'
import type { ControlEvent, DeployRequest, EmulatorStatus, ListRequest } from '../client/messages.ts'
import type { Context, Progress, ListedFunction } from '../model.ts'
import { createHttp } from './http.ts'

/** What the emulator offers; each is one call there. */
export interface ControlTarget {
  status(): Promise<EmulatorStatus>
  list(request: ListRequest): Promise<ListedFunction[]>
  /** Steps and progress go to `emit` as they happen; the last event is the result. */
  deploy(request: DeployRequest, context: Context, emit: (event: ControlEvent) => void): Promise<void>
  /** Begins to stop; the emulator answers first. */
  requestStop(): void
}

export interface ControlOptions {
  target: ControlTarget
  token: string
}

const deploySchema = z.strictObject({ path: z.string().min(1), wait: z.boolean() })
const listSchema = z.strictObject({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

export function createControl({ target, token }: ControlOptions): FastifyInstance {
  const http = createHttp({ maxBodyBytes: 1024 * 1024, loopbackOrigins: false, token })
  http.get('/status', () => target.status())
  http.get('/functions', async (request) => ({
    functions: await target.list(parse(listSchema, request.query)),
  }))
  http.post('/deploy', (request, reply) => {
    const asked = parse(deploySchema, request.body)
    return stream(reply, (context, emit) => target.deploy(asked, context, emit))
  })
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

type Work = (context: Context, emit: (event: ControlEvent) => void) => Promise<void>

/** NDJSON, one event a line as it happens; a failure is the last line, since the status has gone out by then. */
function stream(reply: FastifyReply, work: Work): FastifyReply {
  const lines = new Readable({ read: () => undefined })
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const emit = (event: ControlEvent): void => void lines.push(`${JSON.stringify(event)}\n`)
  const report = (progress: Progress): void => emit({ type: 'progress', progress })
  work({ signal: gone.signal, report }, emit)
    .catch((error: unknown) => emit({ type: 'error', problem: toProblem(error) }))
    .finally(() => lines.push(null))
  return reply.type('application/x-ndjson').send(lines)
}
