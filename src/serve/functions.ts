// HTTP -> invoke -> HTTP. `POST /functions/{name or CID}[/{export}]`: raw body in, raw body out; `POST /` is one function.

import { isUtf8 } from 'node:buffer'
import { type ErrorCode, WasmateError, toProblem } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { loopback } from '../base/ports.ts'
import type { Answer, Context, Invocation, ServedFunction } from '../model.ts'
import { CallError } from '../runner/runner.ts'
import { chooseListenPort, refuseForeign } from './http.ts'
import { type Head, createHead } from './http1/head.ts'
import type { Fault, Http1, Http1Limits, Http1Request, Refusal } from './http1/request.ts'
import { createHttp1 } from './http1/server.ts'
import type { Metrics } from './metrics.ts'

export interface FunctionsOptions {
  invoke(invocation: Invocation, context: Context): Promise<Answer>
  served(): ServedFunction[]
  metrics: Metrics
  maxBodyBytes: number
  /** What `POST /` calls; absent: nothing. */
  defaultFunction?: string | undefined
  parser: 'llhttp' | 'node'
}

/** Calls in hand when the server stops have this long to be answered. */
const graceMs = 5_000
/** Of a refused call: when it is worth trying again, in seconds (RFC 9110 section 10.2.3). */
const retryAfter = '1'

/** Of bodies that are held at one time; the largest one fits at least twice. */
const maxHeldBytes = 256 * 1024 * 1024

const limits: Omit<Http1Limits, 'maxBodyBytes' | 'maxHeldBytes'> = {
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 100,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 60_000,
  idleTimeoutMs: 75_000,
  writeStallMs: 30_000,
  maxPipelined: 64,
  maxConnections: 10_000,
}

export class FunctionServer {
  readonly #options: FunctionsOptions
  readonly #http: Http1
  readonly #heads = new Heads()

  constructor(options: FunctionsOptions) {
    this.#options = options
    const { maxBodyBytes, parser } = options
    this.#http = createHttp1({
      parser,
      limits: { ...limits, maxBodyBytes, maxHeldBytes: Math.max(maxHeldBytes, 2 * maxBodyBytes) },
      handle: (request) => this.#handle(request),
      refuse: wordFault,
    })
  }

  /** Gives the URL without a trailing slash; another port when the wanted one is taken. */
  async listen(wantedPort: number, log: Log): Promise<string> {
    const port = await this.#http.listen(await chooseListenPort(wantedPort, log), loopback)
    return `http://${loopback}:${port}`
  }

  close(): Promise<void> {
    return this.#http.close({ graceMs })
  }

  #handle(request: Http1Request): void {
    this.#route(request).catch((error: unknown) => this.#refuse(request, error))
  }

  async #route(request: Http1Request): Promise<void> {
    refuseForeign({ headers: { host: request.header('host'), origin: request.header('origin') } }, true)
    const [path = ''] = request.target.split('?', 1)
    const [, area = '', target, name, ...rest] = path.split('/')
    if (area === 'functions' && target !== undefined && rest.length === 0) {
      requireMethod(request, 'POST')
      return this.#call(request, {
        target: decode(target),
        ...(name !== undefined && { export: decode(name) }),
      })
    }
    if (area === '' && target === undefined && this.#options.defaultFunction !== undefined) {
      requireMethod(request, 'POST')
      return this.#call(request, { target: this.#options.defaultFunction })
    }
    return this.#tell(request, path)
  }

  async #tell(request: Http1Request, path: string): Promise<void> {
    const { served, metrics } = this.#options
    const answers: Record<string, (() => Promise<[type: string, body: string]>) | undefined> = {
      '/functions': async () => ['application/json; charset=utf-8', JSON.stringify({ functions: served() })],
      '/healthz': async () => ['application/json; charset=utf-8', '{"status":"ok"}'],
      '/metrics': async () => [metrics.contentType, await metrics.text()],
    }
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
    if (!answer) throw new WasmateError('ROUTE_NOT_FOUND', `${request.method} ${request.target}`)
    requireMethod(request, 'GET', 'HEAD')
    const [type, body] = await answer()
    request.reply(this.#heads.get(200, [['content-type', type]]), body)
  }

  /** A client that goes away takes its call with it. */
  async #call(request: Http1Request, called: Omit<Invocation, 'input'>): Promise<void> {
    const gone = new AbortController()
    request.onGone(() => gone.abort())
    const { invoke, metrics } = this.#options
    const idempotencyKey = request.header('idempotency-key') || undefined
    try {
      const receipt = wantedReceipt(request)
      const invocation = { ...called, input: request.body, idempotencyKey, receipt }
      const answer = await invoke(invocation, { signal: gone.signal })
      metrics.called(called.target, 'ok', answer.durationMs)
      request.reply(this.#headOf(answer), answer.output)
    } catch (error) {
      const { code } = toProblem(error)
      // What does not exist is named by whoever asks: it gets no row of its own.
      metrics.called(code === 'FUNCTION_NOT_FOUND' ? '(unknown)' : called.target, code)
      throw error
    }
  }

  #headOf({ cid, output, receipt }: Answer): Head {
    const type = isUtf8(output) ? 'text/plain; charset=utf-8' : 'application/octet-stream'
    const headers: [string, string][] = [
      ['content-type', type],
      ['wasmate-cid', cid],
      ['x-content-type-options', 'nosniff'],
    ]
    // No two calls have the same receipt.
    if (receipt !== undefined) return createHead(200, [...headers, ['wasmate-receipt', receipt]])
    return this.#heads.get(200, headers)
  }

  #refuse(request: Http1Request, error: unknown): void {
    const problem = toProblem(error)
    const allow = error instanceof MethodRefused ? [['allow', error.allowed] as const] : []
    const retry = problem.code === 'QUEUE_FULL' ? [['retry-after', retryAfter] as const] : []
    const receipt = error instanceof CallError && error.call.receipt
    const head = createHead(problem.status, [
      ['content-type', 'application/problem+json'],
      ...allow,
      ...retry,
      ...(receipt ? [['wasmate-receipt', receipt] as const] : []),
    ])
    request.reply(head, JSON.stringify(problem))
  }
}

const faultCodes = new Map<number, ErrorCode>([
  [413, 'BODY_TOO_LARGE'],
  [503, 'SERVER_BUSY'],
])

/** A request that could not be read is a problem of the table like any other, with the status that HTTP has for it. */
function wordFault({ status, detail }: Fault): Refusal {
  const problem = toProblem(new WasmateError(faultCodes.get(status) ?? 'INPUT_INVALID', detail))
  const retry = status === 503 ? [['retry-after', retryAfter] as const] : []
  const head = createHead(status, [['content-type', 'application/problem+json'], ...retry])
  return { head, body: JSON.stringify({ ...problem, status }) }
}

/** RFC 9110 section 15.5.6: a 405 names the methods that are allowed. */
class MethodRefused extends WasmateError {
  readonly allowed: string

  constructor({ method, target }: Http1Request, allowed: string[]) {
    super('METHOD_REFUSED', `${method} ${target}`)
    this.allowed = allowed.join(', ')
  }
}

function requireMethod(request: Http1Request, ...allowed: string[]): void {
  if (!allowed.includes(request.method)) throw new MethodRefused(request, allowed)
}

function wantedReceipt(request: Http1Request): Invocation['receipt'] {
  const wanted = request.header('wasmate-receipt')
  return wanted === 'wanted' || wanted === 'required' ? wanted : undefined
}

/** RFC 3986 section 2.1. */
function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw new WasmateError('INPUT_INVALID', `${segment} is not percent-encoded UTF-8`, { cause })
  }
}

/** Heads that repeat are put together once. */
class Heads {
  readonly #known = new Map<string, Head>()

  get(status: number, headers: [string, string][]): Head {
    const key = `${status} ${headers.map(([, value]) => value).join(' ')}`
    const known = this.#known.get(key)
    if (known) return known
    if (this.#known.size >= 1_000) this.#known.clear()
    const head = createHead(status, headers)
    this.#known.set(key, head)
    return head
  }
}
