// An HTTP request to a call: options checked, arguments gathered, a signal that ends with the client or its patience.

import type { FastifyRequest } from 'fastify'
import { WasmateError } from '../../../base/errors.ts'
import type { ContentNode } from '../../../content/node.ts'
import { type Call, Query } from '../endpoint.ts'
import { readParts } from '../multipart.ts'
import { readArguments } from './arguments.ts'
import { parseDuration } from './options.ts'
import { createShow } from './show.ts'
import { signatures } from './signatures.ts'

export interface Arrived {
  request: FastifyRequest
  /** Of the endpoint, below /api/v0. */
  path: string
  pathArgument?: string
  node: ContentNode
  maxBodyBytes: number
  gone: AbortSignal
}

/** Throws INPUT_INVALID, in Kubo's words, for options and arguments that the endpoint does not take. */
export async function readCall({ request, path, pathArgument, ...given }: Arrived): Promise<Call> {
  const signature = signatures.get(path)
  const query = new Query(request.url, signature?.options)
  if (pathArgument !== undefined) query.addArguments([pathArgument])
  refuseEncoding(query.text('encoding') ?? 'json')
  const parts = (): ReturnType<Call['parts']> => readParts(request.raw, given.maxBodyBytes)
  const isMultipart = request.headers['content-type']?.startsWith('multipart/form-data') ?? false
  if (signature) await readArguments(signature, query, { isMultipart, parts })
  return { node: given.node, query, parts, signal: limit(given.gone, query), show: createShow(query) }
}

/** Nobody but a shell asks for another; Kubo's text is made for its terminal. */
function refuseEncoding(encoding: string): void {
  if (encoding !== 'json') throw new WasmateError('INPUT_INVALID', `invalid encoding: ${encoding}`)
}

function limit(gone: AbortSignal, query: Query): AbortSignal {
  const timeout = query.text('timeout')
  if (timeout === undefined || timeout === '') return gone
  return AbortSignal.any([gone, AbortSignal.timeout(Math.ceil(parseDuration(timeout)))])
}
