// The trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/) over the embedded node.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { WasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { ContentNode } from '../../content/node.ts'
import { resolvePath } from '../../content/dag/walk.ts'
import { createHttp, sendProblem } from '../http.ts'
import { contentHeaders, corsHeaders, matchesEtag } from './headers.ts'
import { readRequest } from './request.ts'
import { sendBlock, sendCar } from './respond.ts'

export interface GatewayOptions {
  node: ContentNode
  maxBodyBytes: number
  log: Log
}

/** Not listening yet. Pages from this machine may read from it. */
export function createGateway({ node, maxBodyBytes, log }: GatewayOptions): FastifyInstance {
  // Fastify knows no limit of 0.
  const http = createHttp({ maxBodyBytes: Math.max(1, maxBodyBytes), loopbackOrigins: true, sendError })
  const part = log.for('gateway')
  http.route({
    method: ['GET', 'HEAD'],
    url: '/ipfs/*',
    handler: (request, reply) => answer(node, request, reply, part),
  })
  http.options('/ipfs/*', (_request, reply) => reply.code(204).headers(corsHeaders).send())
  return http
}

async function answer(
  node: ContentNode,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): Promise<void> {
  const asked = readRequest(request.url, request.headers.accept)
  // Section "Cache-Control: only-if-cached": 412 when the root is not here, without a body.
  if (request.headers['cache-control']?.includes('only-if-cached') && !(await node.blocks.has(asked.root))) {
    return reply.code(412).send()
  }
  const path = await resolvePath(node, asked.root, asked.segments)
  const headers = contentHeaders(asked, path.cid, path.roots)
  // Path gateway, section "If-None-Match".
  if (matchesEtag(request.headers['if-none-match'], headers['Etag'])) {
    return reply.code(304).headers(headers).send()
  }
  const exchange = { node, request, reply, headers, path, root: asked.root, log }
  if (asked.format.format === 'raw') await sendBlock(exchange)
  else await sendCar(exchange, asked.format)
}

/** Path gateway, section "400 Bad Request": also for a codec that is not supported. */
function sendError(error: unknown, reply: FastifyReply): void {
  const isCodec = error instanceof WasmateError && error.code === 'CODEC_UNSUPPORTED'
  sendProblem(isCodec ? new WasmateError('INPUT_INVALID', error.message, { cause: error }) : error, reply)
}
