// A pinning service of somebody else: an HTTP server that answers as a test wants it to, and our client of it.

import assert from 'node:assert/strict'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { WasmateError, describe } from '../../src/base/errors.ts'
import { PinningClient } from '../../src/content/pinning/client.ts'
import { undoAfter } from './undo.ts'

export interface ForeignService {
  url: string
  /** `METHOD /path` of each request, in order. */
  asked: string[]
  /** The Authorization header of each request. */
  tokens: string[]
  bodies: string[]
}

export type Answering = (response: ServerResponse, count: number, request: IncomingMessage) => void

/** `count` counts the requests from 0. The body was read before, unless `unread`. */
export async function startForeignService(
  t: TestContext,
  answer: Answering,
  unread = false,
): Promise<ForeignService> {
  const service: ForeignService = { url: '', asked: [], tokens: [], bodies: [] }
  const server = createServer((request, response) => {
    const count = service.asked.push(`${request.method} ${request.url}`) - 1
    service.tokens.push(request.headers.authorization ?? '')
    if (unread) return answer(response, count, request)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      service.bodies.push(Buffer.concat(chunks).toString('utf8'))
      answer(response, count, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undoAfter(t, () => {
    server.closeAllConnections()
    server.close()
  })
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return service
}

export function sendJson(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

export const secret = 'secret-token-0123456789'

export async function foreign(
  t: TestContext,
  answer: Answering,
  options: { unread?: boolean; silenceMs?: number } = {},
): Promise<{ client: PinningClient; service: ForeignService }> {
  const service = await startForeignService(t, answer, options.unread)
  const { silenceMs = 20_000 } = options
  const uploadUrl = `${service.url}/car`
  return {
    service,
    client: new PinningClient({ url: `${service.url}/psa/`, uploadUrl, token: secret, silenceMs }),
  }
}

/** The error, after it was seen that the token is nowhere in it. */
export async function failure(work: Promise<unknown>): Promise<WasmateError> {
  const error: unknown = await work.then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof WasmateError, describe(error))
  assert.ok(!`${error.stack} ${describe(error)} ${JSON.stringify(error)}`.includes(secret))
  return error
}
