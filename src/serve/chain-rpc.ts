// The Starknet JSON-RPC and WebSocket endpoint: the one door to the chain, for us and for any other client.

import type { FastifyInstance, FastifyReply } from 'fastify'
import { toWasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { errorAnswer } from '../devnet/calls.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { attachChainSocket } from './chain-socket.ts'
import { createHttp } from './http.ts'

export interface ChainRpcOptions {
  devnet: Devnet
  /** Largest request in bytes; a contract class of several megabytes is one. */
  maxBodyBytes: number
  log: Log
}

/** A server that is not listening yet: POST / and /rpc, GET /is_alive, WebSocket /ws. */
export function createChainRpc(options: ChainRpcOptions): FastifyInstance {
  const { devnet, maxBodyBytes } = options
  const http = createHttp({ maxBodyBytes, loopbackOrigins: true, sendError })
  // Fastify takes text/plain as well, which a web page may send without asking first.
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  http.addHook('onRequest', async (request, reply) => {
    // A page of this machine, which createHttp let through, is also told that it may read the answer.
    if (request.headers.origin === undefined) return
    void reply.header('access-control-allow-origin', request.headers.origin).header('vary', 'origin')
  })
  for (const path of ['/', '/rpc']) {
    http.options(path, (_request, reply) =>
      reply
        .code(204)
        .header('access-control-allow-methods', 'POST')
        .header('access-control-allow-headers', 'content-type')
        .send(),
    )
    http.post(path, async (request, reply) => {
      const { status, body } = await devnet.request(typeof request.body === 'string' ? request.body : '')
      return reply.code(status).type('application/json').send(body)
    })
  }
  // The one REST endpoint of starknet-devnet, which its clients probe.
  http.get('/is_alive', async (_request, reply) => {
    const { phase, progress } = devnet.state
    if (phase === 'ready') return 'Alive!!!'
    return reply.code(503).send(progress?.doing ?? phase)
  })
  attachChainSocket(http, options)
  return http
}

function sendError(error: unknown, reply: FastifyReply): void {
  void reply.code(toWasmateError(error).status).type('application/json').send(errorAnswer(null, error))
}
