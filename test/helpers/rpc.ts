// An RPC endpoint that passes everything on to a chain but what it is told to answer itself.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Chain } from './chain.ts'

export interface RpcAnswer {
  status?: number
  type?: string
  body: string
  /** The chain is asked all the same. */
  afterAll?: boolean
}

export interface RpcFront {
  rpcUrl: string
  /** Methods that were asked for, in order. */
  asked: string[]
  /** Told of each method; `undefined` passes it on. */
  answer: (method: string) => RpcAnswer | undefined
  /** From now on nothing is answered. */
  hang(): void
  close(): Promise<void>
}

export async function openRpc(chain: Chain, answer: RpcFront['answer'] = () => undefined): Promise<RpcFront> {
  let isHanging = false
  const front: RpcFront = { rpcUrl: '', asked: [], answer, hang: () => void (isHanging = true), close }
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const { method } = JSON.parse(body) as { method: string }
      front.asked.push(method)
      if (isHanging) return
      const own = front.answer(method)
      const found = own && !own.afterAll ? own : { ...(await pass(chain, body)), ...own }
      response.writeHead(found.status ?? 200, { 'content-type': found.type ?? 'application/json' })
      response.end(found.body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  front.rpcUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rpc`
  return front

  async function close(): Promise<void> {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}

async function pass(chain: Chain, body: string): Promise<RpcAnswer> {
  const headers = { 'content-type': 'application/json' }
  return { body: await (await fetch(chain.rpcUrl, { method: 'POST', body, headers })).text() }
}

export function result(value: unknown): RpcAnswer {
  return { body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: value }) }
}
