// The Kubo RPC (https://docs.ipfs.tech/reference/kubo/rpc/) over the embedded node.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../base/log.ts'
import type { ContentNode } from '../../content/node.ts'
import { createHttp } from '../http.ts'
import { addEndpoints } from './add.ts'
import { blockEndpoints } from './block.ts'
import { catEndpoints } from './cat.ts'
import { dagEndpoints } from './dag.ts'
import { type Call, type Endpoint, type Endpoints, Query } from './endpoint.ts'
import { infoEndpoints } from './info.ts'
import { readParts } from './multipart.ts'
import { pinEndpoints } from './pin.ts'
import { sendAnswer, sendKuboError } from './reply.ts'
import { repoEndpoints } from './repo.ts'

export interface KuboRpcOptions {
  node: ContentNode
  /** What `version` answers. */
  version?: string
  /** Largest body in bytes, all files of an add together. */
  maxBodyBytes: number
  log: Log
}

/** Not listening yet. Loopback clients only, POST only, and nothing that a web page sends. */
export function createKuboRpc(options: KuboRpcOptions): FastifyInstance {
  const { node, version = '0.1.0', maxBodyBytes } = options
  const log = options.log.for('kubo-rpc')
  const http = createHttp({ maxBodyBytes, loopbackOrigins: false, sendError: sendKuboError })
  http.removeAllContentTypeParsers()
  // Bodies are streamed by the endpoints that take one.
  http.addContentTypeParser('*', (_request, _payload, done) => done(null))
  http.addHook('onRequest', async (request, reply) => {
    if (request.method === 'POST') return
    await reply.code(405).header('Allow', 'POST').type('text/plain').send('405 - Method Not Allowed\n')
  })
  for (const [path, endpoint] of Object.entries(allEndpoints(version))) {
    http.post(`/api/v0/${path}`, (request, reply) => answer(endpoint, request, reply))
  }
  return http

  async function answer(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const call: Call = {
      node,
      query: new Query(request.url),
      parts: () => readParts(request.raw, maxBodyBytes),
      signal: gone.signal,
    }
    await sendAnswer(reply, await endpoint(call), log)
  }
}

/** Every endpoint by its path after `/api/v0/`. */
export function allEndpoints(version: string): Endpoints {
  return {
    ...infoEndpoints(version),
    ...addEndpoints,
    ...catEndpoints,
    ...blockEndpoints,
    ...dagEndpoints,
    ...pinEndpoints,
    ...repoEndpoints,
  }
}
