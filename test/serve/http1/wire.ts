// A client that sends bytes as they are and reads replies off the wire, and the server it talks to.

import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { createHead } from '../../../src/serve/http1/head.ts'
import type { Http1, Http1Limits, Http1Request } from '../../../src/serve/http1/request.ts'
import { createHttp1 } from '../../../src/serve/http1/server.ts'
import { undoAfter } from '../../helpers/undo.ts'

export type Parser = 'llhttp' | 'node'
export const parsers: readonly Parser[] = ['llhttp', 'node']

export interface Reply {
  status: number
  headers: Map<string, string>
  body: string
}

export const host = 'Host: localhost\r\n'
/** Asks for the connection to be closed: whatever was sent before it is replied to by then. */
export const last = `GET /last HTTP/1.1\r\n${host}Connection: close\r\n\r\n`

export const limits: Http1Limits = {
  maxBodyBytes: 1_000,
  maxHeldBytes: 1_000_000,
  maxHeaderBytes: 4_096,
  maxHeaders: 20,
  headersTimeoutMs: 20_000,
  bodyTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  writeStallMs: 20_000,
  maxPipelined: 64,
  maxConnections: 200,
}

const text = createHead(200, [['Content-Type', 'text/plain']])

/** Says what was received: `POST /x [body]`. */
export function echo(request: Http1Request): void {
  request.reply(text, `${request.method} ${request.target} [${Buffer.from(request.body).toString('latin1')}]`)
}

export interface Served {
  port: number
  server: Http1
  requests: Http1Request[]
}

export async function serve(
  context: Parameters<typeof undoAfter>[0],
  parser: Parser,
  options: { handle?: (request: Http1Request) => void; limits?: Partial<Http1Limits> } = {},
): Promise<Served> {
  const requests: Http1Request[] = []
  const server = createHttp1({
    parser,
    limits: { ...limits, ...options.limits },
    handle: (request) => {
      requests.push(request)
      ;(options.handle ?? echo)(request)
    },
  })
  const port = await server.listen(0, '127.0.0.1')
  undoAfter(context, () => server.close({ graceMs: 0 }))
  return { port, server, requests }
}

export class Wire {
  readonly socket: Socket
  #received = ''
  #closed = false
  #wake: () => void = () => undefined

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.setNoDelay(true)
    this.socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1')
      this.#wake()
    })
    const close = (): void => {
      this.#closed = true
      this.#wake()
    }
    this.socket.on('end', () => {
      this.socket.end()
      close()
    })
    this.socket.on('error', close)
    this.socket.on('close', close)
  }

  get received(): string {
    return this.#received
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Sends pieces so that each arrives by itself, as far as that can be had from outside. */
  async send(...pieces: string[]): Promise<void> {
    for (const piece of pieces) {
      if (this.socket.destroyed || !this.socket.writable) return
      this.socket.write(piece, 'latin1')
      if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Replies so far; `heads` says which of them answer HEAD and so have no body. */
  replies(heads: readonly number[] = []): Reply[] {
    return parseReplies(this.#received, heads)
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#closed) throw new Error(`closed after ${JSON.stringify(this.#received.slice(0, 500))}`)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async untilClosed(): Promise<Reply[]> {
    while (!this.#closed) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.replies()
  }

  async untilReplies(count: number): Promise<Reply[]> {
    await this.until(() => this.replies().filter(({ status }) => status >= 200).length >= count)
    return this.replies()
  }

  async destroy(): Promise<void> {
    if (this.socket.destroyed) return
    this.socket.destroy()
    await once(this.socket, 'close')
  }
}

export function parseReplies(received: string, heads: readonly number[] = []): Reply[] {
  const replies: Reply[] = []
  for (let at = 0; at < received.length;) {
    const end = received.indexOf('\r\n\r\n', at)
    if (end < 0) return replies
    const [line = '', ...fields] = received.slice(at, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1] ?? Number.NaN)
    const headers = new Map(fields.map((field) => split(field)))
    const length = heads.includes(replies.length) ? 0 : Number(headers.get('content-length') ?? 0)
    if (received.length < end + 4 + length) return replies
    replies.push({ status, headers, body: received.slice(end + 4, end + 4 + length) })
    at = end + 4 + length
  }
  return replies
}

function split(field: string): [string, string] {
  const colon = field.indexOf(':')
  return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
}

/** Sends, and gives the replies that came until the server closed. */
export async function exchange(port: number, ...pieces: string[]): Promise<Reply[]> {
  const wire = new Wire(port)
  await wire.send(...pieces)
  return wire.untilClosed()
}

export function statusesOf(replies: readonly Reply[]): number[] {
  return replies.map(({ status }) => status)
}

/** Keeps requests to `/held` until told, and replies to others at once. */
export function hold(): {
  handle: (request: Http1Request) => void
  held: Http1Request[]
  release: () => void
} {
  const held: Http1Request[] = []
  const handle = (request: Http1Request): void => {
    if (request.target === '/held') held.push(request)
    else echo(request)
  }
  return { handle, held, release: () => held.splice(0).forEach(echo) }
}

export async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

export const get = (target: string): string => `GET ${target} HTTP/1.1\r\n${host}\r\n`
export const post = (target: string, body = ''): string =>
  `POST ${target} HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\n\r\n${body}`
