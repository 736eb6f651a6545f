// HTTP -> invoke -> HTTP. `POST /functions/{name or CID}[/{export}]`: raw body in, raw body out.

import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { WasmateError } from '../base/errors.ts'
import type { Answer, Context, Invocation, ServedFunction } from '../model.ts'
import { createHttp } from './http.ts'

export interface FunctionsOptions {
  invoke(invocation: Invocation, context: Context): Promise<Answer>
  served(): ServedFunction[]
  maxBodyBytes: number
}

interface Params {
  target: string
  export?: string
}

export function createFunctions(options: FunctionsOptions): FastifyInstance {
  const http = createHttp({ maxBodyBytes: options.maxBodyBytes, loopbackOrigins: true })
  http.removeAllContentTypeParsers()
  // The body is the function's input as it is, whatever the client calls it; fastify refuses what it can't read.
  http.addHook('onRequest', async (request) => {
    request.headers['content-type'] = 'application/octet-stream'
  })
  http.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const call = async (request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): Promise<Buffer> => {
    const answer = await options.invoke(toInvocation(request), { signal: hangUp(reply) })
    reply.header('wasmate-cid', answer.cid)
    reply.header('x-content-type-options', 'nosniff')
    reply.type(isUtf8(answer.output) ? 'text/plain; charset=utf-8' : 'application/octet-stream')
    return Buffer.from(answer.output.buffer, answer.output.byteOffset, answer.output.byteLength)
  }
  http.get('/functions', async () => ({ functions: options.served() }))
  for (const url of ['/functions/:target', '/functions/:target/:export']) {
    http.post<{ Params: Params }>(url, call)
    http.route({ method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], url, handler: refuseMethod })
  }
  return http
}

function toInvocation({ params, body }: FastifyRequest<{ Params: Params }>): Invocation {
  const input = body instanceof Uint8Array ? body : new Uint8Array()
  return { target: params.target, input, ...(params.export !== undefined && { export: params.export }) }
}

/** A client that goes away takes its call with it. */
function hangUp({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  return gone.signal
}

/** RFC 9110 section 15.5.6: a 405 names the methods that are allowed. */
function refuseMethod(request: FastifyRequest, reply: FastifyReply): never {
  reply.header('allow', 'POST')
  throw new WasmateError('METHOD_REFUSED', `${request.method} ${request.url}`)
}
