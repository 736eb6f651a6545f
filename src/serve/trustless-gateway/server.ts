// The gateway over the embedded node: trustless (https://specs.ipfs.tech/http-gateways/trustless-gateway/), and
// with deserialized answers too when a setting says so (https://specs.ipfs.tech/http-gateways/path-gateway/).

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { WasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type ResolvedPath, resolvePath } from '../../content/dag/walk.ts'
import type { ContentNode } from '../../content/node.ts'
import { createHttp, sendProblem } from '../http.ts'
import { sendDeserialized } from './deserialized/answer.ts'
import { refuseEmbedding, refuseServiceWorker } from './embedding.ts'
import { corsHeaders } from './headers.ts'
import { type ContentRequest, readRequest } from './request.ts'
import { sendBlock, sendCar } from './respond.ts'

export interface GatewayOptions {
  node: ContentNode
  maxBodyBytes: number
  /** Whether files, listings and the like are sent, which the client has to believe; by default not. */
  deserialized?: boolean
  log: Log
}

const allowed = 'GET, HEAD, OPTIONS'

/** Not listening yet. Pages from this machine may read from it. */
export function createGateway(options: GatewayOptions): FastifyInstance {
  // Fastify knows no limit of 0.
  const maxBodyBytes = Math.max(1, options.maxBodyBytes)
  const http = createHttp({ maxBodyBytes, loopbackOrigins: true, sendError })
  const given = { ...options, log: options.log.for('gateway') }
  http.addHook('onRequest', async (request) => refuseEmbedding(request))
  http.route({
    method: ['GET', 'HEAD'],
    url: '/ipfs/*',
    handler: (request, reply) => answer(given, request, reply),
  })
  http.route({ method: ['GET', 'HEAD'], url: '/ipns/*', handler: refuseName })
  for (const url of ['/ipfs/*', '/ipns/*']) {
    http.options(url, (_request, reply) =>
      reply.code(204).header('Allow', allowed).headers(corsHeaders).send(),
    )
    // Before a body is read.
    http.route({
      method: ['POST', 'PUT', 'PATCH', 'DELETE'],
      url,
      onRequest: refuseMethod,
      handler: refuseMethod,
    })
  }
  return http
}

async function answer(
  { node, deserialized = false, log }: GatewayOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const asked = readRequest(request.url, request.headers.accept, deserialized)
  refuseServiceWorker(request)
  const onlyIfCached = request.headers['cache-control']?.includes('only-if-cached') ?? false
  const path = await (onlyIfCached ? findCached(node, asked) : resolvePath(node, asked.root, asked.segments))
  // Path gateway, section "only-if-cached": without a body.
  if (!path) return reply.code(412).send()
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const exchange = { node, request, reply, asked, path, log, signal: gone.signal }
  const { format } = asked
  if (format.format === 'raw') await sendBlock(exchange)
  else if (format.format === 'car') await sendCar(exchange, format)
  else await sendDeserialized(exchange, format.format)
}

/** Path gateway, section "only-if-cached": the path and the block at its end are tested, not all that is under it. */
async function findCached(
  node: ContentNode,
  { root, segments }: ContentRequest,
): Promise<ResolvedPath | undefined> {
  try {
    const path = await resolvePath(node, root, segments)
    await node.get(path.cid)
    return path
  } catch (error) {
    if (error instanceof WasmateError && error.code === 'CONTENT_NOT_FOUND') return undefined
    throw error
  }
}

/** RFC 9110 section 15.6.2: IPNS and DNSLink need a network that this node does not have. */
function refuseName(request: FastifyRequest): never {
  throw new WasmateError('IPNS_UNSUPPORTED', request.url.slice(0, 200))
}

/** RFC 9110 section 15.5.6. */
async function refuseMethod(request: FastifyRequest, reply: FastifyReply): Promise<never> {
  void reply.header('Allow', allowed)
  throw new WasmateError('METHOD_REFUSED', `${request.method} ${request.url.slice(0, 200)}`)
}

/** Path gateway, section "400 Bad Request": also for a codec that is not supported. */
function sendError(error: unknown, reply: FastifyReply): void {
  const isCodec = error instanceof WasmateError && error.code === 'CODEC_UNSUPPORTED'
  sendProblem(isCodec ? new WasmateError('INPUT_INVALID', error.message, { cause: error }) : error, reply)
}
