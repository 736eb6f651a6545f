// A relay before a real gateway: it counts what is asked for and what goes out, and changes it where a test says so.

import { type IncomingMessage, type ServerResponse, createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Relay {
  url: string
  /** Path and query of each request. */
  paths: string[]
  /** Bytes of bodies that were passed on. */
  bytes: number
}

export interface RelayChange {
  /** Answers by itself when it gives true. */
  answer?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** The connection is cut after so many bytes of a body. */
  cutAfter?: number
}

export async function startRelay(t: TestContext, target: string, change: RelayChange = {}): Promise<Relay> {
  const relay: Relay = { url: '', paths: [], bytes: 0 }
  const server = createServer((request, response) => {
    relay.paths.push(request.url ?? '')
    if (change.answer?.(request, response)) return
    const { accept = '*/*' } = request.headers
    const asking = ask(`${target}${request.url}`, { headers: { accept } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      let left = change.cutAfter ?? Infinity
      answer.on('data', (chunk: Buffer) => {
        const part = chunk.subarray(0, left)
        left -= part.length
        relay.bytes += part.length
        // Cut when it has left, so that all of it arrives.
        response.write(part, () => {
          if (left === 0) response.destroy()
        })
      })
      answer.on('end', () => response.end())
      answer.on('error', () => response.destroy())
    })
    asking.on('error', () => response.destroy())
    response.on('close', () => asking.destroy())
    asking.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  relay.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return relay
}
