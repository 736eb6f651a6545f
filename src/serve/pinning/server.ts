// The pinning service (https://ipfs.github.io/pinning-services-api-spec/, version 0.1.2) of the embedded node, so that
// remote pinning can be tried without a remote.

import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { toWasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { loopback } from '../../base/ports.ts'
import { carMediaType } from '../../content/car.ts'
import type { ContentNode } from '../../content/node.ts'
import { createHttp } from '../http.ts'
import { ownPeerId } from '../kubo-rpc/self/peer.ts'
import { parseFilter, parsePin } from './input.ts'
import { listRequests } from './list.ts'
import { type FetchDag, fetchFromOrigins } from './origins.ts'
import { PinRequests } from './service.ts'
import { PinStore, type StoredRequest } from './store.ts'
import { takeUpload } from './upload.ts'

export interface PinningServiceOptions {
  node: ContentNode
  /** Bearer token of every request. */
  token: string
  /** Largest DAG that is fetched, and largest CAR that is taken. */
  maxBytes: number
  log: Log
  /** Where DAGs come from that the node lacks: by default HTTP origins on this machine, and nowhere else. */
  fetch?: FetchDag
  /** Keep what is intact of a damaged journal and set the file aside. */
  repair?: boolean
}

const maxBodyBytes = 1024 * 1024
const silenceMs = 10_000

/**
 * Not listening yet. The node has to be started before it listens, and stopped after it is closed. To listen throws
 * STATE_DAMAGED for a journal that is not intact.
 */
export function createPinningService(options: PinningServiceOptions): FastifyInstance {
  const { node, token, maxBytes, fetch = fetchFromOrigins({ node, maxBytes, silenceMs }) } = options
  const log = options.log.for('pinning')
  const http = createHttp({ maxBodyBytes, loopbackOrigins: false, token, sendError: sendFailure })
  let requests: PinRequests
  http.addHook('onReady', async () => {
    const store = await PinStore.open(join(node.folder, 'pinning.journal'), options.repair ?? false)
    if (store.setAside !== undefined) log.warn(`set aside ${store.setAside}`)
    requests = new PinRequests({ node, store, fetch, log })
    await requests.start()
  })
  http.addHook('onClose', () => requests?.stop())
  readBodies(http)

  const show = ({ requestid, status, created, pin, info }: StoredRequest): object => {
    return { requestid, status, created, pin, delegates: delegatesOf(http, node), info }
  }
  http.get('/pins', async (request) => {
    const { count, results } = listRequests(requests.list(), parseFilter(request.url))
    return { count, results: results.map(show) }
  })
  http.post('/pins', async (request, reply) => {
    await reply.code(202).send(show(await requests.add(parsePin(request.body))))
  })
  http.get('/pins/:requestid', async (request) => show(requests.get(idOf(request))))
  http.post('/pins/:requestid', async (request, reply) => {
    await reply.code(202).send(show(await requests.replace(idOf(request), parsePin(request.body))))
  })
  http.delete('/pins/:requestid', async (request, reply) => {
    await requests.remove(idOf(request))
    await reply.code(202).send()
  })
  http.post('/upload', async (request) => takeUpload(node, request, maxBytes))
  return http
}

function idOf(request: FastifyRequest): string {
  return (request.params as { requestid: string }).requestid
}

/** Whatever type a client names: some send JSON with none, or name JSON and send nothing with a DELETE. */
function readBodies(http: FastifyInstance): void {
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  http.addContentTypeParser(carMediaType, (_request, _payload, done) => done(null))
}

/**
 * Where this service takes content from others: its own address, with the peer ID that Kubo demands of a delegate. It
 * speaks HTTP alone, so nobody can dial it as a peer; the specification wants one address at least.
 */
function delegatesOf(http: FastifyInstance, node: ContentNode): string[] {
  const address = http.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return [`/ip4/${loopback}/tcp/${port}/http/p2p/${ownPeerId(node)}`]
}

const reasons: Record<number, string> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  500: 'INTERNAL_SERVER_ERROR',
}

/** Section "Failure". */
function sendFailure(error: unknown, reply: FastifyReply): void {
  const { status, code, message } = toWasmateError(error)
  // RFC 9110 section 11.6.1
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  void reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ error: { reason: reasons[status] ?? code, details: message } }))
}
