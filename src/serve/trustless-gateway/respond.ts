// The two bodies: one block as it is, or a CAR that is made while it is sent.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { encodeCar } from '../../content/car.ts'
import { codecOf } from '../../content/dag/codecs.ts'
import { selectBlocks } from '../../content/dag/select.ts'
import type { ContentNode } from '../../content/node.ts'
import type { ResolvedPath } from '../../content/dag/walk.ts'
import { sendStream } from '../stream.ts'
import type { Headers } from './headers.ts'
import { readRange } from './range.ts'
import type { CarFormat } from './request.ts'

export interface Exchange {
  node: ContentNode
  request: FastifyRequest
  reply: FastifyReply
  headers: Headers
  path: ResolvedPath
  root: CID
  log: Log
}

/** Section "Block Responses"; ranges as in the path gateway, section "Range". */
export async function sendBlock({ node, request, reply, headers, path }: Exchange): Promise<void> {
  const { cid, rest } = path
  if (rest.length > 0)
    throw new WasmateError('CONTENT_NOT_FOUND', `/${rest.join('/')} is inside the block ${cid.toString()}`)
  const bytes = await node.get(cid)
  reply.headers(headers)
  const range = readRange(request.headers.range, bytes.length)
  if (range === 'outside') return reply.code(416).header('Content-Range', `bytes */${bytes.length}`).send()
  const body = range ? bytes.subarray(range.from, range.to + 1) : bytes
  if (range) reply.code(206).header('Content-Range', `bytes ${range.from}-${range.to}/${bytes.length}`)
  reply.header('Content-Length', body.length)
  return reply.send(request.method === 'HEAD' ? undefined : Buffer.from(body))
}

/** Section "CAR Responses": first what verifies the path, then what was asked for at its end. */
export async function sendCar(exchange: Exchange, format: CarFormat): Promise<void> {
  const { node, request, reply, headers, path, root, log } = exchange
  // Section "404 Not Found": told before anything is sent, also for HEAD.
  await node.get(path.cid)
  if (format.scope === 'all') codecOf(path.cid.code)
  if (request.method === 'HEAD') return reply.headers(headers).send()
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  // Section "Streaming and Missing Child Blocks": the stream is cut, so that it can't be taken for whole.
  const chunks = encodeCar([root], selectBlocks(node, path, format, gone.signal))
  await sendStream(reply, { chunks, headers }, log)
}
