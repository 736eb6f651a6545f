// Gateways that lie, stall or break off: each an HTTP server that answers with a CAR of its own making.

import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { encodeCar, openCar } from '../../src/content/car.ts'
import { type Block, parseCid } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import type { ContentNode } from '../../src/content/node.ts'
import { collectAll, collectBytes } from './content.ts'

export interface FalseGateway {
  url: string
  /** CIDs that were asked for. */
  asked: string[]
}

export type Misbehaviour = (
  response: ServerResponse,
  asked: string,
  request: IncomingMessage,
) => void | Promise<void>

export async function startFalseGateway(t: TestContext, answer: Misbehaviour): Promise<FalseGateway> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const cid = /^\/ipfs\/([^?/]+)/.exec(request.url ?? '')?.[1] ?? ''
    asked.push(cid)
    // A client that has given up may leave it answering for a test, and a node, that are over.
    void Promise.resolve(answer(response, cid, request)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked }
}

/** As a gateway does that has all the node has: a CAR of the whole DAG, or one block. */
export function sendTrue(node: ContentNode): Misbehaviour {
  return async (response, asked, request) => {
    const root = parseCid(asked)
    if (request.url?.includes('format=raw')) {
      const bytes = await node.get(root)
      response.setHeader('content-type', 'application/vnd.ipld.raw')
      response.end(bytes)
    } else {
      const bytes = await collectBytes(encodeCar([root], walkDag(node, root)))
      response.setHeader('content-type', 'application/vnd.ipld.car; version=1; order=dfs; dups=n')
      response.end(bytes)
    }
  }
}

/** The DAG as the node has it, changed before it is sent as one CAR. */
export function sendChanged(node: ContentNode, change: (blocks: Block[]) => Block[]): Misbehaviour {
  return async (response, asked) => {
    const root = parseCid(asked)
    const blocks = change(await collectAll(walkDag(node, root)))
    response.end(await collectBytes(encodeCar([root], blocks)))
  }
}

/** The true CAR up to a part of its bytes, then the connection is cut or, with `hang`, left open in silence. */
export function sendPart(node: ContentNode, part: number, end: 'cut' | 'end' | 'hang'): Misbehaviour {
  return async (response, asked) => {
    const root = parseCid(asked)
    const car = await collectBytes(encodeCar([root], walkDag(node, root)))
    response.write(car.subarray(0, Math.floor(car.length * part)), () => {
      if (end === 'cut') response.destroy()
      if (end === 'end') response.end()
    })
  }
}

/** Flips one bit in the middle of the block at the position. */
export function flipBit(blocks: Block[], position: number): Block[] {
  return blocks.map((block, index) => {
    if (index !== position) return block
    const bytes = Buffer.from(block.bytes)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    return { cid: block.cid, bytes }
  })
}

export async function readCar(bytes: Uint8Array): Promise<{ roots: string[]; blocks: Block[] }> {
  const car = await openCar([bytes])
  return { roots: car.roots.map(String), blocks: await collectAll(car.blocks) }
}
