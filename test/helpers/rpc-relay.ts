// A relay before a chain's RPC: it counts methods, and a test may do something between two of them, or cut one off.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Chain } from './chain.ts'
import { undoAfter } from './undo.ts'

export interface RpcRelay {
  rpcUrl: string
  /** Methods that were asked for, in order. */
  asked: string[]
  /** Called before a request is passed on; what it gives is what is done with it. */
  before: (method: string) => Promise<Passing> | Passing
}

/** `lose`: it reaches the chain, its answer does not come back. `cut`: it does not even reach it. */
export type Passing = 'pass' | 'lose' | 'cut' | { status: number; body: string }

export async function startRpcRelay(
  t: Pick<TestContext, 'after'>,
  chain: Pick<Chain, 'rpcUrl'>,
): Promise<RpcRelay> {
  const relay: RpcRelay = { rpcUrl: '', asked: [], before: () => 'pass' }
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks)
      const { method } = JSON.parse(body.toString('utf8')) as { method: string }
      relay.asked.push(method)
      const passing = await relay.before(method)
      if (passing === 'cut') return void response.destroy()
      if (typeof passing === 'object') {
        return void response.writeHead(passing.status, { 'content-type': 'text/html' }).end(passing.body)
      }
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(chain.rpcUrl, { method: 'POST', headers, body })
      const text = await answer.text()
      if (passing === 'lose') response.destroy()
      else response.writeHead(answer.status, headers).end(text)
    }
    pass().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undoAfter(t, () => {
    server.closeAllConnections()
    server.close()
  })
  relay.rpcUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rpc`
  return relay
}

export interface Held {
  /** Resolves when it was asked. */
  reached: Promise<void>
  /** What was held is cut off; from then on everything passes. */
  release(): void
}

/** Leaves the next request of a method without an answer; with `skip`, one after so many. */
export function holdAt(relay: RpcRelay, method: string, skip = 0): Held {
  let [reach, release] = [(): void => undefined, (): void => undefined]
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const released = new Promise<void>((resolve) => (release = resolve))
  let left = skip
  relay.before = async (asked): Promise<Passing> => {
    if (asked !== method || left-- > 0) return 'pass'
    reach()
    await released
    return 'cut'
  }
  return {
    reached,
    release: () => {
      relay.before = () => 'pass'
      release()
    },
  }
}
