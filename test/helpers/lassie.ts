// The retrieval API in front of a test's own content, and requests with exactly the headers that are given.

import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import type { TestContext } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { listenHttp } from '../../src/serve/http.ts'
import { type LassieOptions, createLassie } from '../../src/serve/lassie/server.ts'

export async function startLassie(t: TestContext, options: Partial<LassieOptions> = {}): Promise<string> {
  const defaults = { gateways: [], routers: [], maxBytes: 64 * 1024 * 1024, log: silentLog }
  const http = createLassie({ ...defaults, ...options })
  const url = await listenHttp(http, 0, silentLog)
  t.after(() => http.close())
  return url
}

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** The connection ended before the body did. */
  isCut: boolean
}

export interface RawRequest {
  method?: string
  headers?: OutgoingHttpHeaders
}

/** Sends the path as it is written, on a connection of its own. */
export function ask(
  url: string,
  path: string,
  { method = 'GET', headers = {} }: RawRequest = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      // An end that comes too soon is told below.
      response.on('error', () => undefined)
      response.on('close', () => {
        const { statusCode: status = 0, headers: got, complete } = response
        resolve({ status, headers: got, body: Buffer.concat(chunks), isCut: !complete })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}
