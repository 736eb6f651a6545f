// The Kubo RPC (https://docs.ipfs.tech/reference/kubo/rpc/) over the embedded node.

import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { WasmateError } from '../../base/errors.ts'
import { loopback } from '../../base/ports.ts'
import type { Log } from '../../base/log.ts'
import type { ContentNode } from '../../content/node.ts'
import { createHttp } from '../http.ts'
import { addEndpoints } from './add.ts'
import { blockEndpoints } from './block.ts'
import { catEndpoints } from './read/cat.ts'
import { dagEndpoints } from './dag.ts'
import { dagStatEndpoints } from './read/dag-stat.ts'
import type { Endpoint, Endpoints } from './endpoint.ts'
import { filesChangeEndpoints } from './files/change.ts'
import { filesReadEndpoints } from './files/read.ts'
import { getEndpoints } from './read/get.ts'
import { lsEndpoints } from './read/ls.ts'
import { pinChangeEndpoints } from './pin/change.ts'
import { pinListEndpoints } from './pin/list.ts'
import { pinVerifyEndpoints } from './pin/verify.ts'
import { refsEndpoints } from './read/refs.ts'
import { refusedEndpoints } from './refusals.ts'
import { sendAnswer, sendKuboError, sendRefusal } from './reply.ts'
import { repoEndpoints } from './repo.ts'
import { readCall } from './request/call.ts'
import { signatures } from './request/signatures.ts'
import { resolveEndpoints } from './read/resolve.ts'
import { type OwnAddresses, configEndpoints } from './self/config.ts'
import { infoEndpoints } from './self/info.ts'
import { keyEndpoints } from './self/key.ts'
import { swarmEndpoints } from './self/swarm.ts'

export interface KuboRpcOptions {
  node: ContentNode
  /** What `version` answers. */
  version?: string
  /** Largest body in bytes, all files of an add together. */
  maxBodyBytes: number
  /** Of the gateway beside it, as its configuration tells. */
  gatewayUrl?: string
  log: Log
}

const prefix = '/api/v0/'
/** As Go's server has it: a call may name thousands of CIDs in its address. */
const maxHeaderBytes = 1024 * 1024

/** Not listening yet. Loopback clients only, POST only, and nothing that a web page sends. */
export function createKuboRpc(options: KuboRpcOptions): FastifyInstance {
  const { node, version = '0.1.0', maxBodyBytes } = options
  const log = options.log.for('kubo-rpc')
  const addresses = (): OwnAddresses => ({
    API: toMultiaddr((http.server.address() as AddressInfo | null)?.port),
    Gateway: toMultiaddr(options.gatewayUrl && new URL(options.gatewayUrl).port),
  })
  const endpoints = allEndpoints(version, addresses)
  const http = createHttp({ maxBodyBytes, maxHeaderBytes, loopbackOrigins: false, sendError: sendKuboError })
  http.removeAllContentTypeParsers()
  // Bodies are streamed by the endpoints that take one.
  http.addContentTypeParser('*', (_request, _payload, done) => done(null))
  http.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST') return refuseMethod(request.method, reply)
    refuseBrowsers(request)
  })
  http.post<{ Params: { '*': string } }>(`${prefix}*`, (request, reply) =>
    answer(request.params['*'], request, reply),
  )
  return http

  async function answer(path: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const found = findEndpoint(endpoints, path)
    if (!found) throw new WasmateError('ROUTE_NOT_FOUND', `${request.method} ${request.url}`)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const call = await readCall({ ...found, request, node, maxBodyBytes, gone: gone.signal }).catch(
      (error: unknown) => refuseArguments(error, request, reply),
    )
    if (call) await sendAnswer(reply, await found.endpoint(call), log)
  }
}

/** Every endpoint by its path after `/api/v0/`; those of a larger part (files, remote pins) join it here. */
export function allEndpoints(version: string, addresses: () => OwnAddresses): Endpoints {
  return {
    ...refusedEndpoints,
    ...infoEndpoints(version),
    ...keyEndpoints,
    ...configEndpoints(addresses),
    ...swarmEndpoints,
    ...addEndpoints,
    ...catEndpoints,
    ...getEndpoints,
    ...lsEndpoints,
    ...refsEndpoints,
    ...resolveEndpoints,
    ...blockEndpoints,
    ...dagEndpoints,
    ...dagStatEndpoints,
    ...pinChangeEndpoints,
    ...pinListEndpoints,
    ...pinVerifyEndpoints,
    ...repoEndpoints,
    ...filesReadEndpoints,
    ...filesChangeEndpoints,
  }
}

/** Of what listens on this machine; empty for nothing. */
function toMultiaddr(port: number | string | undefined): string {
  return port ? `/ip4/${loopback}/tcp/${port}` : ''
}

export interface FoundEndpoint {
  path: string
  endpoint: Endpoint
  /** An argument that stands in the path itself, as in `cat/CID`. */
  pathArgument?: string
}

function findEndpoint(endpoints: Endpoints, path: string): FoundEndpoint | undefined {
  const exact = ownEndpoint(endpoints, path)
  if (exact) return { path, endpoint: exact }
  // The name of a group alone does nothing, and says nothing.
  if (Object.keys(endpoints).some((known) => known.startsWith(`${path}/`))) {
    return { path, endpoint: async () => ({ lines: [] }) }
  }
  const cut = path.lastIndexOf('/')
  const above = path.slice(0, Math.max(0, cut))
  const endpoint = ownEndpoint(endpoints, above)
  const takesText = signatures.get(above)?.arguments.some(({ isFile }) => !isFile) ?? false
  return endpoint && takesText ? { path: above, endpoint, pathArgument: path.slice(cut + 1) } : undefined
}

function ownEndpoint(endpoints: Endpoints, path: string): Endpoint | undefined {
  return Object.hasOwn(endpoints, path) ? endpoints[path] : undefined
}

function refuseMethod(method: string, reply: FastifyReply): FastifyReply {
  reply.header('Allow', 'OPTIONS, POST')
  if (method === 'OPTIONS') return reply.code(204).send()
  sendRefusal(reply, 405, '405 - Method Not Allowed')
  return reply
}

/** Origin is looked at for every server here; a browser that hides it shows in one of these (go-ipfs-cmds, http). */
function refuseBrowsers({ headers }: FastifyRequest): void {
  if (headers.referer) throw new WasmateError('ORIGIN_REFUSED', `Referer ${headers.referer}`)
  const agent = headers['user-agent'] ?? ''
  if (agent.startsWith('Mozilla') && !agent.includes('Electron')) {
    throw new WasmateError('ORIGIN_REFUSED', `User-Agent ${agent}`)
  }
}

/** A call that can't be understood is refused in plain text; anything else is an error of its command. */
function refuseArguments(error: unknown, request: FastifyRequest, reply: FastifyReply): undefined {
  if (!(error instanceof WasmateError) || error.code !== 'INPUT_INVALID') throw error
  request.raw.resume()
  sendRefusal(reply, 400, error.detail ?? error.message)
  return undefined
}
