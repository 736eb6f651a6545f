// One GET to a gateway or a router: no redirect is followed, nothing is unpacked, and an abort ends it at once.

import { Agent, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { Agent as TlsAgent, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { systemCode } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'

export interface Question {
  /** Base URL; its path goes before `path`. */
  base: string
  /** As it goes out, with its query: it is not normalized. */
  path: string
  accept: string
  signal: AbortSignal
  /** How host names become addresses, when not as the system does it. */
  lookup?: LookupFunction | undefined
}

/** An answer that is none of what was asked for. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly status: number
  /** How long the other side asks to wait, when it says so. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, reason: string, retryAfterMs?: number) {
    super(reason)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** An answer that began well and ended before its end. */
export class CutError extends Error {
  override readonly name = 'CutError'
}

/**
 * Connections of one session; all end when it is closed. Not `fetch`: in Node 20 it may not hear an abort once
 * garbage was collected, and it unpacks what is compressed without a limit.
 */
export class Connections {
  readonly #plain = new Agent({ keepAlive: true })
  readonly #tls = new TlsAgent({ keepAlive: true })
  readonly #headers: Record<string, string>

  constructor(requestId: string | undefined) {
    const isSendable = requestId !== undefined && /^[\x21-\x7e]{1,200}$/.test(requestId)
    this.#headers = {
      'accept-encoding': 'identity',
      'user-agent': 'wasmate',
      ...(isSendable ? { 'x-request-id': requestId } : {}),
    }
  }

  /** Gives an answer 200 whose body is not read yet. Throws RefusedError for another. */
  async get(question: Question): Promise<IncomingMessage> {
    const response = await this.#send(question)
    const encoding = response.headers['content-encoding']
    if (response.statusCode === 200 && (encoding === undefined || encoding === 'identity')) return response
    response.destroy()
    throw refusalOf(response)
  }

  close(): void {
    this.#plain.destroy()
    this.#tls.destroy()
  }

  #send(question: Question): Promise<IncomingMessage> {
    const { base, path, accept, signal, lookup } = question
    const { protocol, hostname, port, pathname } = new URL(base)
    const isTls = protocol === 'https:'
    if (!isTls && protocol !== 'http:') throw new Error(`${protocol} is not spoken here`)
    const options: RequestOptions = {
      agent: isTls ? this.#tls : this.#plain,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      path: pathname.replace(/\/+$/, '') + path,
      headers: { ...this.#headers, accept },
      lookup,
    }
    return new Promise((resolve, reject) => {
      const request = (isTls ? requestHttps : requestHttp)(options, (response) => {
        // It may be cut off while nobody reads; whoever reads on is told.
        response.on('error', () => undefined)
        resolve(response)
      })
      const end = (): void => void request.destroy()
      signal.addEventListener('abort', end)
      request.on('close', () => signal.removeEventListener('abort', end))
      request.on('error', (error) => {
        // The other side may close an idle connection at the very moment it is used again.
        const isStale = request.reusedSocket && systemCode(error) === 'ECONNRESET' && !signal.aborted
        if (isStale) resolve(this.#send(question))
        else reject(error)
      })
      if (signal.aborted) end()
      request.end()
    })
  }
}

function refusalOf({ statusCode = 0, headers }: IncomingMessage): RefusedError {
  if (statusCode === 200) {
    const encoding = printable(headers['content-encoding'] ?? '', 40)
    return new RefusedError(statusCode, `the answer is packed (${encoding}), which was not asked for`)
  }
  if (statusCode >= 300 && statusCode < 400) {
    // It would lead to a host that nobody named.
    const location = printable(headers.location ?? 'nowhere', 200)
    return new RefusedError(statusCode, `HTTP ${statusCode}, a redirect to ${location} that is not followed`)
  }
  const retryAfterMs = readRetryAfter(headers['retry-after'])
  const wish = retryAfterMs === undefined ? '' : `, asks to wait ${Math.ceil(retryAfterMs / 1000)} s`
  return new RefusedError(statusCode, `HTTP ${statusCode}${wish}`, retryAfterMs)
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function readRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

/** The type without parameters, in lower case, and the parameters as they are. */
export function contentType(response: IncomingMessage): { type: string; params: string } {
  const [type = '', ...params] = (response.headers['content-type'] ?? '').split(';')
  return { type: type.trim().toLowerCase(), params: params.join(';').toLowerCase() }
}
