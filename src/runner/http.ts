// http_request of a function, done here because its thread stands still: request in, answer or refusal out.

import { WasmateError, describe } from '../base/errors.ts'
import type { HttpAnswer, HttpRequest } from './messages.ts'

const maxRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])

/** Throws CALL_FAILED: a host that is not allowed (redirects too), no answer, or one over `maxBytes`. */
export async function performRequest(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  let { method, body, headers } = request
  let url = request.url
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const checked = checkUrl(url, request.allowedHosts)
    const sent = body && !/^(GET|HEAD)$/.test(method) ? new Uint8Array(body) : null
    const response = await send(checked, { method, headers, body: sent, redirect: 'manual', signal })
    const location = redirects.has(response.status) ? response.headers.get('location') : null
    if (location === null) return readAnswer(response, checked, request.maxBytes)
    await response.body?.cancel()
    const next = resolveLocation(location, checked)
    // RFC 9110 sections 15.4.2 to 15.4.4: these become GET; and credentials do not follow to another origin.
    const becomesGet =
      response.status === 303 ? method !== 'HEAD' : response.status < 303 && method === 'POST'
    if (becomesGet) [method, body] = ['GET', undefined]
    if (next.origin !== checked.origin) headers = withoutCredentials(headers)
    url = next.href
  }
  throw new WasmateError('CALL_FAILED', `http_request to ${request.url}: more than ${maxRedirects} redirects`)
}

function checkUrl(url: string, allowedHosts: string[]): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new WasmateError('CALL_FAILED', `http_request: ${JSON.stringify(url)} is no http or https URL`)
  }
  if (allowedHosts.some((pattern) => matchesHost(pattern, parsed))) return parsed
  const allowed = allowedHosts.length === 0 ? 'allows none' : `allows ${allowedHosts.join(', ')}`
  throw new WasmateError(
    'CALL_FAILED',
    `http_request to ${parsed.hostname} is refused: allowedHosts in wasmate.json ${allowed}`,
  )
}

/** `*` stands for any characters; a pattern with a port is held against host and port. */
function matchesHost(pattern: string, { host, hostname }: URL): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  const expression = new RegExp(`^${escaped}$`, 'i')
  return expression.test(hostname) || expression.test(host)
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    throw new WasmateError('CALL_FAILED', `http_request to ${url.origin}: ${describe(error)}`, {
      cause: error,
    })
  }
}

function resolveLocation(location: string, base: URL): URL {
  if (URL.canParse(location, base)) return new URL(location, base)
  throw new WasmateError(
    'CALL_FAILED',
    `http_request: ${base.origin} redirects to ${JSON.stringify(location)}`,
  )
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  const secret = /^(authorization|cookie|proxy-authorization)$/i
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.test(name)))
}

async function readAnswer(response: Response, url: URL, maxBytes: number): Promise<HttpAnswer> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of response.body ?? []) {
      size += piece.length
      if (size > maxBytes) {
        throw new WasmateError('MEMORY_LIMIT', `http_request: the answer is larger than ${maxBytes} bytes`)
      }
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof WasmateError) throw error
    throw new WasmateError('CALL_FAILED', `http_request to ${url.origin}: ${describe(error)}`, {
      cause: error,
    })
  }
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.concat(pieces),
  }
}
