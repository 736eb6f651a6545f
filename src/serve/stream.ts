// A body that is made while it is sent, and whose failure nobody can take for its end.

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { describe } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

export interface Streamed {
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>
  headers: Record<string, string>
  /** What is sent in place of the rest when making it fails. */
  lastWords?: (error: unknown) => string
}

/**
 * Nothing is sent before the first chunk is there: what fails at once throws, to be answered with a status.
 * What fails later is cut off: a chunked body without its end is an error to every client (RFC 9112 section 8),
 * also to those that know no trailer.
 */
export async function sendStream(
  reply: FastifyReply,
  { chunks, headers, lastWords }: Streamed,
  log: Log,
): Promise<void> {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  let next = await iterator.next()
  const response = reply.raw
  reply.hijack()
  try {
    response.writeHead(200, headers)
    for (; !next.done && !response.destroyed; next = await iterator.next()) await write(response, next.value)
    response.end()
  } catch (error) {
    if (!response.destroyed) log.warn(`an answer broke off: ${describe(error)}`)
    await cutOff(response, lastWords?.(error) ?? '')
  } finally {
    await iterator.return?.()
  }
}

async function write(response: ServerResponse, chunk: Uint8Array | string): Promise<void> {
  if (response.write(chunk) || response.destroyed) return
  const waiting = new AbortController()
  const { signal } = waiting
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).finally(() =>
    waiting.abort(),
  )
}

async function cutOff(response: ServerResponse, lastWords: string): Promise<void> {
  if (lastWords !== '' && !response.destroyed) {
    await new Promise<void>((resolve) => response.write(lastWords, () => resolve()))
  }
  response.destroy()
}
