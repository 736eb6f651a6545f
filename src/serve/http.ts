// What every HTTP endpoint here shares: loopback only, Host and Origin checked, errors as problem+json.

import { timingSafeEqual } from 'node:crypto'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { WasmateError, toProblem } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { choosePort, loopback } from '../base/ports.ts'

export interface HttpOptions {
  /** Largest request body in bytes. */
  maxBodyBytes: number
  /** Largest head of a request in bytes, by default that of Node. */
  maxHeaderBytes?: number
  /** Whether pages served from this machine may call it; pages from elsewhere never may. */
  loopbackOrigins: boolean
  /** Requests without this bearer token are refused. */
  token?: string
  /** Answers a refused or failed request; by default as problem+json (RFC 9457). */
  sendError?: (error: unknown, reply: FastifyReply) => void
}

/** A server that is not listening yet. Bodies are not parsed: routes read `request.raw` or ask for a parser. */
export function createHttp(options: HttpOptions): FastifyInstance {
  const sendError = options.sendError ?? sendProblem
  const http = Fastify({
    bodyLimit: options.maxBodyBytes,
    http: options.maxHeaderBytes === undefined ? {} : { maxHeaderSize: options.maxHeaderBytes },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 512 },
    // A path that can't be decoded never reaches the hooks below, nor any route.
    frameworkErrors: (error, _request, reply) => sendError(fromFastify(error), reply),
  })
  http.addHook('onRequest', async (request) => {
    refuseForeign(request, options.loopbackOrigins)
    if (options.token !== undefined) requireToken(request, options.token)
  })
  http.setErrorHandler((error, _request, reply) => sendError(fromFastify(error), reply))
  http.setNotFoundHandler((request, reply) =>
    sendError(new WasmateError('ROUTE_NOT_FOUND', `${request.method} ${request.url}`), reply),
  )
  return http
}

/** Listens on the wanted port, or on a free one when that is taken; gives the URL without a trailing slash. */
export async function listenHttp(http: FastifyInstance, wantedPort: number, log: Log): Promise<string> {
  const port = await chooseListenPort(wantedPort, log)
  await http.listen({ port, host: loopback })
  const address = http.server.address()
  return `http://${loopback}:${typeof address === 'object' && address ? address.port : port}`
}

/** The wanted port, or a free one when that is taken, and then it is said who holds it. */
export async function chooseListenPort(wantedPort: number, log: Log): Promise<number> {
  const { port, taken } = await choosePort(wantedPort)
  if (taken) log.warn(`port ${taken.port} is held by ${taken.holder}; using ${port} instead`)
  return port
}

export function sendProblem(error: unknown, reply: FastifyReply): void {
  const problem = toProblem(error)
  void reply
    .code(problem.status)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problem)))
}

/**
 * A page that makes its own name resolve to 127.0.0.1 (DNS rebinding) shows in Host; a page that posts
 * across origins shows in Origin. Neither may reach what listens here.
 */
export function refuseForeign(
  request: { headers: { host?: string | undefined; origin?: string | undefined } },
  loopbackOrigins: boolean,
): void {
  const { host, origin } = request.headers
  if (!isLoopbackHost(host)) throw new WasmateError('ORIGIN_REFUSED', `Host ${host ?? '(none)'}`)
  if (origin === undefined) return
  if (!loopbackOrigins || !isLoopbackOrigin(origin))
    throw new WasmateError('ORIGIN_REFUSED', `Origin ${origin}`)
}

function isLoopbackHost(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').toLowerCase()
  return name === '127.0.0.1' || name === 'localhost' || name === '[::1]'
}

function isLoopbackOrigin(origin: string): boolean {
  const parsed = URL.canParse(origin) ? new URL(origin) : undefined
  return parsed !== undefined && isLoopbackHost(parsed.host)
}

function requireToken(request: FastifyRequest, token: string): void {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw new WasmateError('UNAUTHORIZED')
}

function fromFastify(error: unknown): unknown {
  const { code, statusCode } = error as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new WasmateError('BODY_TOO_LARGE')
  if (typeof statusCode === 'number' && statusCode < 500) {
    return new WasmateError('INPUT_INVALID', error instanceof Error ? error.message : undefined, {
      cause: error,
    })
  }
  return error
}
