// HTTP/1.1 server by setting: llhttp on node:net, or node:http, both for the same handler.

import { Fallback } from './node/fallback.ts'
import { Front } from './front.ts'
import type { Http1, Http1Options } from './request.ts'

/** A server that is not listening yet. */
export function createHttp1(options: Http1Options): Http1 {
  return options.parser === 'llhttp' ? new Front(options) : new Fallback(options)
}
