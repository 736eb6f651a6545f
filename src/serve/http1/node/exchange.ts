// A request of node:http and its reply, as the handler sees them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { WasmateError } from '../../../base/errors.ts'
import type { Head } from '../head.ts'
import { type Http1Request, safeMethods } from '../request.ts'
import type { Target } from '../rules.ts'

/** Told of the one reply: before it is written, and when it has left. */
export interface ReplyHooks {
  beforeReply(exchange: Exchange): void
  afterReply(): void
}

export class Exchange implements Http1Request {
  readonly method: string
  target = ''
  body: Uint8Array = Buffer.alloc(0)
  readonly isSafe: boolean
  /** All of the body has been collected. */
  isWhole = false
  isRunning = false
  replied = false
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #hooks: ReplyHooks
  #host: string | undefined
  #isGone = false
  #gone: (() => void) | undefined

  constructor(request: IncomingMessage, response: ServerResponse, hooks: ReplyHooks) {
    this.#request = request
    this.#response = response
    this.#hooks = hooks
    this.#host = request.headers.host
    this.method = request.method ?? ''
    this.isSafe = safeMethods.has(this.method)
  }

  /** All of the body has been parsed, collected or not. */
  get isComplete(): boolean {
    return this.#request.complete
  }

  setTarget({ target, host }: Target): void {
    this.target = target
    if (host !== undefined) this.#host = host
  }

  header(name: string): string | undefined {
    return name === 'host' ? this.#host : text(this.#request.headers[name])
  }

  headers(): Record<string, string> {
    const entries = Object.entries(this.#request.headers).map(([name, value]) => [name, text(value) ?? ''])
    if (this.#host !== undefined) entries.push(['host', this.#host])
    return Object.fromEntries(entries) as Record<string, string>
  }

  onGone(listener: () => void): void {
    this.#gone = listener
  }

  reply(head: Head, body: Uint8Array | string): void {
    if (this.replied) throw new WasmateError('INTERNAL', 'a request was replied to twice')
    this.replied = true
    if (this.#isGone) return
    this.#hooks.beforeReply(this)
    this.#response.once('close', () => this.#hooks.afterReply())
    const content = typeof body === 'string' ? Buffer.from(body) : body
    for (const [name, value] of head.headers) this.#response.appendHeader(name, value)
    if (!head.bodyless) this.#response.setHeader('Content-Length', content.length)
    this.#response.writeHead(head.status)
    this.#response.end(head.bodyless || this.method === 'HEAD' ? undefined : content)
  }

  /** Replies before the body is there, and takes no more of it than what is on its way. */
  refuse(head: Head, body: string): void {
    this.#response.shouldKeepAlive = false
    this.reply(head, body)
    this.#request.resume()
  }

  /** The client went away. */
  leave(): void {
    if (this.replied) return
    this.#isGone = true
    this.#gone?.()
  }
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
