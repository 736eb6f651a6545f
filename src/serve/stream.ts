// A body that is made while it is sent, and whose failure nobody can take for its end.

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { describe } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

export interface Streamed {
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>
  headers: Record<string, string>
  /** HTTP status, by default 200. */
  status?: number
  /** What is sent in place of the rest when making it fails. */
  lastWords?: (error: unknown) => string
  /** Instead of being cut off, the answer ends with this trailer: for a client that is known to read it. */
  lastTrailer?: (error: unknown) => Record<string, string>
}

/**
 * Nothing is sent before the first chunk is there: what fails at once throws, to be answered with a status.
 * What fails later is cut off: a chunked body without its end is an error to every client (RFC 9112 section 8),
 * also to those that know no trailer.
 */
export async function sendStream(
  reply: FastifyReply,
  { chunks, headers, status = 200, lastWords, lastTrailer }: Streamed,
  log: Log,
): Promise<void> {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  let next = await iterator.next()
  const response = reply.raw
  reply.hijack()
  try {
    response.writeHead(status, headers)
    for (; !next.done && !response.destroyed; next = await iterator.next()) await write(response, next.value)
    response.end()
  } catch (error) {
    if (!response.destroyed) log.warn(`an answer broke off: ${describe(error)}`)
    if (!lastTrailer) await cutOff(response, lastWords?.(error) ?? '')
    else if (!response.destroyed) endWithTrailer(response, lastTrailer(error))
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

function endWithTrailer(response: ServerResponse, trailer: Record<string, string>): void {
  response.addTrailers(trailer)
  response.end()
}

/** What was written still goes out: it is good, and a client may keep it. Then the connection ends, the body does not. */
async function cutOff(response: ServerResponse, lastWords: string): Promise<void> {
  if (lastWords !== '' && !response.destroyed) {
    await new Promise<void>((resolve) => response.write(lastWords, () => resolve()))
  }
  const { socket } = response
  // HTTP/1.0 knows no chunks: there the end of the connection is the end of the body (RFC 9112 section 6.3).
  if (response.req.httpVersion === '1.0') socket?.resetAndDestroy()
  else if (response.destroyed) socket?.destroy()
  else socket?.destroySoon()
}
