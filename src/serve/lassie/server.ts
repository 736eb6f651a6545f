// The HTTP API of a Lassie daemon (https://github.com/filecoin-project/lassie/blob/main/docs/HTTP_SPEC.md):
// a CAR for a path, from the own store or from whoever has it. A listener of its own, because a trustless
// gateway answers `Accept: */*` differently.

import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { BlockReader } from '../../content/dag/codecs.ts'
import { createHttp } from '../http.ts'
import { chooseProviders } from './providers.ts'
import { refuse, refuseError } from './refusal.ts'
import { readRetrieval } from './request.ts'
import { sendRetrieval } from './respond.ts'

export interface LassieOptions {
  /** Asked first, and never written to. */
  store?: BlockReader
  /** URLs of trustless gateways that are asked when the request names no providers. */
  gateways: string[]
  /** URLs of delegated routers that are asked when no gateway has it; not when the request names providers. */
  routers: string[]
  /** Most bytes that one retrieval fetches from others. */
  maxBytes: number
  /** Whether a request may name providers outside of this machine. */
  allowRemote?: boolean
  /** Most retrievals at one time: 32 unless given. */
  maxParallel?: number
  /** How long a provider may stay silent before it is given up. */
  silenceMs?: number
  /** How long a client may take nothing of an answer before it is cut off: a minute unless given. */
  stallMs?: number
  log: Log
}

/** Not listening yet. */
export function createLassie(options: LassieOptions): FastifyInstance {
  const { store, maxParallel = 32, stallMs = 60_000, allowRemote = false } = options
  // Without its way to put: a retrieval leaves nothing behind.
  const readOnly = store && { get: (cid: CID) => store.get(cid) }
  const log = options.log.for('lassie')
  // No request here has a body, and Fastify knows no limit of 0.
  const http = createHttp({ maxBodyBytes: 1, loopbackOrigins: true, sendError: refuseError })
  http.addHook('onRequest', async (request, reply) => {
    reply.header('X-Trace-Id', traceIdOf(request.headers['x-request-id']))
    if (request.method !== 'GET' && request.url.startsWith('/ipfs'))
      throw new WasmateError('METHOD_REFUSED', request.method)
  })
  let running = 0
  http.get('/ipfs/*', async (request, reply) => {
    const retrieval = readRetrieval(request.url, request.headers.accept)
    const sources = { ...options, store: readOnly, ...chooseProviders(retrieval.providers, allowRemote) }
    if (running >= maxParallel) {
      return refuse(reply.header('Retry-After', '1'), 503, `at most ${maxParallel} retrievals at one time`)
    }
    running += 1
    try {
      const traceId = String(reply.getHeader('X-Trace-Id'))
      await sendRetrieval({ retrieval, reply, traceId, sources, stallMs, log })
    } finally {
      running -= 1
    }
  })
  return http
}

/** Section "X-Request-Id". */
function traceIdOf(requestId: string | string[] | undefined): string {
  return typeof requestId === 'string' && requestId !== '' ? requestId : randomUUID()
}
