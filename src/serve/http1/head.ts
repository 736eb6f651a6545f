// The head of a reply: status and headers, checked and put together once, sent any number of times.

import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http'

export type HeaderList = readonly (readonly [name: string, value: string])[]

/** What the connection decides, not the reply. */
const framing = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'trailer',
  'transfer-encoding',
])

export class Head {
  readonly status: number
  readonly headers: HeaderList
  /** No content whatever the method, and no Content-Length beside a 204 (RFC 9110 sections 8.6, 15.4.5). */
  readonly bodyless: boolean
  readonly #text: string
  #date = ''
  #dated = ''

  constructor(status: number, headers: HeaderList) {
    this.status = status
    this.headers = headers
    this.bodyless = status === 204 || status === 304
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}`
  }

  /** Status line, headers and Date, up to the name of what comes next. Kept as long as the date is the same. */
  at(date: string): string {
    if (this.#date !== date) {
      this.#date = date
      const text = `${this.#text}Date: ${date}\r\n${this.bodyless ? '' : 'Content-Length: '}`
      // Through bytes and back: a string put together stays in parts until it is written, each time anew.
      this.#dated = Buffer.from(text, 'latin1').toString('latin1')
    }
    return this.#dated
  }
}

/** Keep it where replies repeat. Throws a TypeError on what would break the framing of a reply. */
export function createHead(status: number, headers: HeaderList = []): Head {
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError(`status ${status}`)
  for (const [name, value] of headers) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    if (framing.has(name.toLowerCase())) throw new TypeError(`${name} is set by the connection`)
  }
  return new Head(status, headers)
}
