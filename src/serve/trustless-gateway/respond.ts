// The two bodies that a client verifies: one block as it is, or a CAR that is made while it is sent.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { WasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { encodeCar } from '../../content/car.ts'
import { type BlockReader, linksOf } from '../../content/dag/codecs.ts'
import { selectBlocks } from '../../content/dag/select.ts'
import type { ByteRange } from '../../content/dag/unixfs.ts'
import type { ResolvedPath } from '../../content/dag/walk.ts'
import type { ContentNode } from '../../content/node.ts'
import { sendStream } from '../stream.ts'
import type { CarFormat } from './car-format.ts'
import { type Headers, blockHeaders, carHeaders, commonHeaders, matchesEtag } from './headers.ts'
import { readRange } from './range.ts'
import type { ContentRequest } from './request.ts'

export interface Exchange {
  node: ContentNode
  request: FastifyRequest
  reply: FastifyReply
  asked: ContentRequest
  path: ResolvedPath
  log: Log
  /** Aborted when the client has gone. */
  signal: AbortSignal
}

/** Trustless gateway, section "Block Responses". */
export async function sendBlock(exchange: Exchange): Promise<void> {
  const { node, asked, path } = exchange
  refuseRest(path)
  const headers = { ...commonHeaders(asked, path), ...blockHeaders(asked, path.cid) }
  await sendBytes(exchange, headers, wholeBlock(await node.get(path.cid)))
}

/** Section "CAR Responses": first what verifies the path, then what was asked for at its end. */
export async function sendCar(exchange: Exchange, format: CarFormat): Promise<void> {
  const { node, request, reply, asked, path, log, signal } = exchange
  const headers = { ...commonHeaders(asked, path), ...carHeaders(asked, format, path.cid) }
  if (isFresh(exchange, headers)) return
  // Section "404 Not Found": told before anything is sent, also for HEAD.
  const bytes = await node.get(path.cid)
  // Path gateway, section "400 Bad Request": so is a block that can't be followed.
  if (format.scope === 'all') linksOf({ cid: path.cid, bytes })
  if (request.method === 'HEAD') return reply.headers(headers).send()
  // Section "Streaming and Missing Child Blocks": the stream is cut, so that it can't be taken for whole.
  const reader: BlockReader = { get: async (cid) => (cid.equals(path.cid) ? bytes : node.get(cid)) }
  const chunks = encodeCar([asked.root], selectBlocks(reader, path, format, signal))
  await sendStream(reply, { chunks, headers }, log)
}

/** Bytes whose number is known. */
export interface Content {
  size: number
  /** Just those of the range, as few blocks as it needs are read. */
  read(range: ByteRange): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export function wholeBlock(bytes: Uint8Array): Content {
  return { size: bytes.length, read: ({ from, to }) => [bytes.subarray(from, to + 1)] }
}

/** Path gateway, sections "If-None-Match", "Range (request header)" and "Content-Range". */
export async function sendBytes(exchange: Exchange, given: Headers, content: Content): Promise<void> {
  const { request, reply, log } = exchange
  const { size } = content
  if (isFresh(exchange, given)) return
  const headers: Headers = { ...given, 'Accept-Ranges': 'bytes' }
  // RFC 9110 section 14.2: ranges are for GET.
  const range = request.method === 'GET' ? readRange(request.headers, size, headers['Etag']) : undefined
  if (range === 'outside') {
    return reply.code(416).headers(corsOf(headers)).header('Content-Range', `bytes */${size}`).send()
  }
  const { from, to } = range ?? { from: 0, to: size - 1 }
  const framed: Headers = { ...headers, 'Content-Length': String(to - from + 1) }
  if (request.method === 'HEAD') return reply.headers(framed).send()
  const chunks = size === 0 ? [] : content.read({ from, to })
  const partial = { status: 206, headers: { ...framed, 'Content-Range': `bytes ${from}-${to}/${size}` } }
  await sendStream(reply, { chunks, ...(range ? partial : { headers: framed }) }, log)
}

/** Answers 304 when the client has it already (path gateway, section "If-None-Match"). */
export function isFresh({ request, reply }: Exchange, headers: Headers): boolean {
  if (!matchesEtag(request.headers['if-none-match'], headers['Etag'])) return false
  void reply.code(304).headers(headers).send()
  return true
}

/** Path gateway, section "Traversing through DAG-JSON and DAG-CBOR". */
export function refuseRest({ rest, cid }: ResolvedPath): void {
  if (rest.length === 0) return
  throw new WasmateError('PATH_INSIDE_BLOCK', `/${rest.join('/')} is inside ${cid.toString()}`)
}

function corsOf(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('Access-Control-')))
}
