// What RFC 9112 and 9110 ask of a request beyond what a parser checks: Host, target, version, Expect, coding.

import type { Fault } from './request.ts'

/** uri-host [ ":" port ] (RFC 9110 section 7.2); empty is legal. */
const authority = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]*)(?::\d*)?$/
const absolute = /^(https?):\/\/([^/?]+)(\/[^?]*)?(\?.*)?$/i

export interface Target {
  target: string
  /** Of an absolute target; stands in for Host. */
  host?: string
}

export interface Facts {
  minor: number
  /** How many Host headers there are. */
  hosts: number
  host: string
  expect: string | undefined
  coding: string | undefined
  contentLength: number
}

/** RFC 9112 section 3.2: a path, all of a URL, or `*` with OPTIONS. Host and port alone belong to CONNECT. */
export function parseTarget(method: string, raw: string): Target | Fault {
  if (method === 'CONNECT') return { status: 501, detail: 'CONNECT: this is not a proxy' }
  if (raw.includes('#')) return { status: 400, detail: 'The request target has a fragment' }
  if (raw.charCodeAt(0) === 47) return { target: raw }
  if (raw === '*' && method === 'OPTIONS') return { target: raw }
  const [, scheme, host, path = '/', query = ''] = absolute.exec(raw) ?? []
  if (scheme === undefined || host === undefined || !authority.test(host)) {
    return { status: 400, detail: 'The request target is neither a path nor an http URL' }
  }
  // RFC 9110 section 7.4: nothing here is secured, so nothing here is named by https.
  if (scheme.toLowerCase() === 'https') return { status: 421, detail: 'https is not served here' }
  return { target: path + query, host }
}

/** The first thing wrong with a request whose headers are all there. */
export function findFault(facts: Facts, maxBodyBytes: number): Fault | undefined {
  const { minor, hosts, host, expect, coding, contentLength } = facts
  // RFC 9112 section 3.2
  if (hosts > 1) return { status: 400, detail: 'More than one Host header' }
  if (hosts === 0 && minor > 0) return { status: 400, detail: 'No Host header' }
  if (hosts === 1 && !authority.test(host)) return { status: 400, detail: 'Host is not a host and port' }
  if (coding !== undefined) {
    const fault = findCodingFault(coding.toLowerCase(), minor)
    if (fault) return fault
  }
  if (contentLength > maxBodyBytes) return tooLarge(maxBodyBytes)
  // RFC 9110 section 10.1.1: HTTP/1.0 has no expectations.
  if (expect !== undefined && minor > 0 && expect.toLowerCase() !== '100-continue') {
    return { status: 417, detail: 'The only expectation met here is 100-continue' }
  }
  return undefined
}

/** RFC 9112 sections 6.1 and 6.3: chunked alone; what can't be delimited is refused. */
function findCodingFault(coding: string, minor: number): Fault | undefined {
  if (minor === 0) return { status: 400, detail: 'Transfer-Encoding in HTTP/1.0' }
  if (coding === 'chunked') return undefined
  if (/,[ \t]*chunked$/.test(coding)) return { status: 501, detail: `Transfer-Encoding ${coding}` }
  return { status: 400, detail: 'Transfer-Encoding does not end in chunked' }
}

export function tooLarge(maxBodyBytes: number): Fault {
  return { status: 413, detail: `The body is larger than ${maxBodyBytes} bytes` }
}

export function noRoom(maxHeldBytes: number): Fault {
  return { status: 503, detail: `The bodies of all requests in hand take ${maxHeldBytes} bytes already` }
}

export function tooLong(maxHeaderBytes: number, inTarget: boolean): Fault {
  const what = inTarget ? 'The request target is' : 'The request line and headers are'
  return { status: inTarget ? 414 : 431, detail: `${what} longer than ${maxHeaderBytes} bytes` }
}

export function tooMany(maxHeaders: number): Fault {
  return { status: 431, detail: `More than ${maxHeaders} headers` }
}

/**
 * RFC 9110 section 9.1: a method nobody knows is a 501. Parsers only say that it begins like none of theirs,
 * so what came of the request tells whether a method was meant at all.
 */
export function unknownMethod(line: string): Fault {
  const isToken = /^(?:\r?\n)*[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: |$)/.test(line)
  return isToken
    ? { status: 501, detail: 'The method is not known here' }
    : { status: 400, detail: 'Not an HTTP request' }
}
