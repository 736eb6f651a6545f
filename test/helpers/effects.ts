// A local server whose requests are the visible effects of calls: how often each was had is counted.

import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Effects {
  /** Requests by their id. */
  counts: Map<string, number>
  /** Input of a function that passes it on to http_request: one effect. */
  inputOf(id: string): string
  /** Answers those that were held, and holds no more. */
  release(): void
}

/** `/giant` is answered without an end; `held` requests are answered when they are released. */
export async function startEffects(t: TestContext, { held = false } = {}): Promise<Effects> {
  const counts = new Map<string, number>()
  const waiting: ServerResponse[] = []
  let isHeld = held
  const server = createServer((request, response) => {
    const id = (request.url ?? '').slice(1)
    counts.set(id, (counts.get(id) ?? 0) + 1)
    if (id.startsWith('giant')) pour(response)
    else if (isHeld) waiting.push(response)
    else response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const release = (): void => {
    isHeld = false
    for (const response of waiting.splice(0)) response.end('ok')
  }
  t.after(() => {
    release()
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { counts, inputOf: (id) => JSON.stringify({ url: `${url}/${id}` }), release }
}

function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const more = (): void => {
    while (!response.destroyed && response.write(piece)) continue
  }
  response.on('drain', more)
  more()
}
