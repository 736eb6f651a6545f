// Replies to requests that never reach the handler: problem+json (RFC 9457) unless the caller words them.

import { STATUS_CODES } from 'node:http'
import { toProblem } from '../../base/errors.ts'
import { createHead } from './head.ts'
import type { Fault, Http1Request, Refusal } from './request.ts'

const type: readonly [string, string] = ['Content-Type', 'application/problem+json']

export function toRefusal({ status, detail }: Fault): Refusal {
  const problem = { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, detail }
  return { head: createHead(status, [type]), body: JSON.stringify(problem) }
}

/** Hands a request over; what the handler throws before it has replied is the reply. */
export function run(handle: (request: Http1Request) => void, request: Http1Request & Replied): void {
  try {
    handle(request)
  } catch (error) {
    const problem = toProblem(error)
    if (!request.replied) request.reply(createHead(problem.status, [type]), JSON.stringify(problem))
  }
}

interface Replied {
  readonly replied: boolean
}
