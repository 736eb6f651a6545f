// A real pinning service over a real node, and requests to it as a foreign client sends them.

import type { TestContext } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import type { Block } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import type { ContentNode } from '../../src/content/node.ts'
import type { PinStatus } from '../../src/content/pinning/messages.ts'
import { listenHttp } from '../../src/serve/http.ts'
import type { FetchDag } from '../../src/serve/pinning/origins.ts'
import { createPinningService } from '../../src/serve/pinning/server.ts'
import { addBytes, collectAll, madeBytes, startNode } from './content.ts'
import { undoAfter } from './undo.ts'
import { until } from './until.ts'

export const token = 'a-token-that-nobody-guesses'

export interface RunningService {
  url: string
  /** Legal more than once. */
  close(): Promise<void>
  send(method: string, path: string, body?: unknown): Promise<Response>
  add(pin: object): Promise<PinStatus>
  get(requestid: string): Promise<PinStatus>
  /** Resolves when the request is pinned or has failed. */
  ended(requestid: string): Promise<PinStatus>
}

export async function startService(
  t: TestContext,
  node: ContentNode,
  options: { fetch?: FetchDag; maxBytes?: number } = {},
): Promise<RunningService> {
  const maxBytes = 64 * 1024 * 1024
  const http = createPinningService({ node, token, maxBytes, log: silentLog, ...options })
  undoAfter(t, () => http.close())
  const url = await listenHttp(http, 0, silentLog)
  const send: RunningService['send'] = (method, path, body) => {
    const headers = new Headers({ authorization: `Bearer ${token}` })
    if (body !== undefined) headers.set('content-type', 'application/json')
    return fetch(url + path, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }
  const json = async (answer: Promise<Response>): Promise<PinStatus> => {
    const response = await answer
    if (!response.ok) throw new Error(`HTTP ${response.status} ${await response.text()}`)
    return (await response.json()) as PinStatus
  }
  const get: RunningService['get'] = (id) => json(send('GET', `/pins/${id}`))
  return {
    url,
    send,
    get,
    close: () => http.close(),
    add: (pin) => json(send('POST', '/pins', pin)),
    ended: async (id) => {
      let status = await get(id)
      await until(async () => {
        status = await get(id)
        return status.status === 'pinned' || status.status === 'failed'
      }, `the end of ${id}`)
      return status
    },
  }
}

/** What a gateway of this machine is called in `origins`. */
export function originOf(url: string): string {
  return `/ip4/127.0.0.1/tcp/${new URL(url).port}/http`
}

/** Gives the DAG from another node, but its last block only when it is let go. */
export function heldBack(source: ContentNode): { fetch: FetchDag; open(): void; asked: string[] } {
  const asked: string[] = []
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  const fetch: FetchDag = async function* (cid) {
    asked.push(cid.toString())
    const blocks: Block[] = await collectAll(walkDag(source, cid))
    yield* blocks.slice(0, -1)
    await gate
    yield* blocks.slice(-1)
  }
  return { fetch, open, asked }
}

export async function pair(t: TestContext): Promise<{ here: ContentNode; there: ContentNode; cid: string }> {
  const [here, there] = [await startNode(t), await startNode(t)]
  return { here, there, cid: await addBytes(there, madeBytes(3_000_000)) }
}

export function pinned(node: ContentNode): [string, string, string][] {
  return node.pins.all().map(({ cid, mode, name }) => [cid.toString(), mode, name])
}
