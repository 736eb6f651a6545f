// POST /upload, an addition to the specification: a CAR brings what the service could not fetch. It is not pinned by
// that; the pin request that follows finds its blocks here.

import type { IncomingMessage } from 'node:http'
import type { CID } from 'multiformats/cid'
import type { FastifyRequest } from 'fastify'
import { WasmateError } from '../../base/errors.ts'
import { carMediaType, encodeCar, openCar } from '../../content/car.ts'
import type { Block } from '../../content/dag/codecs.ts'
import { walkDag } from '../../content/dag/walk.ts'
import type { ContentNode } from '../../content/node.ts'

export interface Uploaded {
  cid: string
  blocks: number
}

/** Throws CAR_INVALID, BLOCK_MISMATCH, BODY_TOO_LARGE, or INPUT_INVALID for a CAR that is not one whole DAG. */
export async function takeUpload(
  node: ContentNode,
  request: FastifyRequest,
  maxBytes: number,
): Promise<Uploaded> {
  if (!request.headers['content-type']?.startsWith(carMediaType)) {
    throw new WasmateError('INPUT_INVALID', `an upload is ${carMediaType}`)
  }
  const body = limited(request.raw.iterator({ destroyOnReturn: false }), maxBytes)
  try {
    return await takeCar(node, body)
  } catch (error) {
    // Whoever refused it may have stopped reading without a word.
    await body.return(undefined)
    drain(request.raw)
    if (!(error instanceof WasmateError) || error.code !== 'BLOCK_MISMATCH') throw error
    // 502 is for what somebody else sent; here it was the client.
    throw new WasmateError('CAR_INVALID', error.detail, { cause: error })
  }
}

async function takeCar(node: ContentNode, body: AsyncIterable<Uint8Array>): Promise<Uploaded> {
  const { roots, blocks } = await openCar(body)
  const [root, ...more] = roots
  if (!root || more.length > 0) {
    throw new WasmateError('INPUT_INVALID', `the CAR has ${roots.length} roots, one is taken`)
  }
  const came: CID[] = []
  const imported = await node.importCar(encodeCar([root], remembered(blocks, came)), false)
  await requireWhole(node, root, came)
  return { cid: root.toString(), blocks: imported.blockCount }
}

/** What is not whole leaves nothing behind that a pin does not hold. */
async function requireWhole(node: ContentNode, root: CID, came: CID[]): Promise<void> {
  try {
    for await (const block of walkDag(node, root)) void block
  } catch (error) {
    if (!(error instanceof WasmateError)) throw error
    // Should a pin be unreadable nothing is collected; the blocks stay as what the next collection takes.
    await node.collect({ only: came }).catch(() => undefined)
    const detail = `the CAR is not the whole of ${root.toString()}: ${error.message}`
    throw new WasmateError('INPUT_INVALID', detail, { cause: error })
  }
}

async function* remembered(blocks: AsyncIterable<Block>, came: CID[]): AsyncGenerator<Block> {
  for await (const block of blocks) {
    came.push(block.cid)
    yield block
  }
}

const drainMs = 10_000

/** Most clients read the reason of a refusal only when they have sent everything; not for ever, though. */
function drain(body: IncomingMessage): void {
  const giveUp = setTimeout(() => body.destroy(), drainMs)
  body.once('close', () => clearTimeout(giveUp))
  body.resume()
}

async function* limited(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new WasmateError('BODY_TOO_LARGE', `an upload has at most ${maxBytes} bytes`)
    yield chunk
  }
}
