// Answers as Kubo sends them, so that an error at any time reaches its clients as an error.

import type { FastifyReply } from 'fastify'
import { toWasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type Streamed, sendStream } from '../stream.ts'
import type { Answer } from './endpoint.ts'

/** The header, and the trailer, in which Kubo tells of an error after the first byte. */
const errorTrailer = 'X-Stream-Error'

export async function sendAnswer(reply: FastifyReply, answer: Answer, log: Log): Promise<void> {
  if ('json' in answer) return sendText(reply, 200, 'application/json', `${JSON.stringify(answer.json)}\n`)
  const streamed = 'lines' in answer ? toLines(answer.lines) : toBytes(answer)
  // Before HTTP/1.1 there are no chunks, and no trailer after them.
  if (reply.request.raw.httpVersion !== '1.0') streamed.headers.Trailer = errorTrailer
  await sendStream(reply, knowsTrailers(reply) ? withTrailer(streamed) : streamed, log)
}

/** Kubo's own form, and its own answers for what it refuses before any command runs. */
export function sendKuboError(error: unknown, reply: FastifyReply): void {
  const { code, status } = toWasmateError(error)
  // What is left of a body is dropped, else its sender sees a reset instead of this answer.
  reply.request.raw.resume()
  if (code === 'ROUTE_NOT_FOUND') return sendRefusal(reply, 404, '404 page not found')
  if (code === 'ORIGIN_REFUSED') return sendRefusal(reply, 403, '403 - Forbidden')
  sendText(
    reply,
    code === 'BODY_TOO_LARGE' ? status : 500,
    'application/json',
    `${JSON.stringify(errorBody(error))}\n`,
  )
}

/** What Kubo refuses before it has understood the call: one line of text. */
export function sendRefusal(reply: FastifyReply, status: number, words: string): void {
  reply.header('X-Content-Type-Options', 'nosniff')
  sendText(reply, status, 'text/plain; charset=utf-8', `${words}\n`)
}

function sendText(reply: FastifyReply, status: number, type: string, text: string): void {
  // Bytes, since Fastify adds a charset to text.
  void reply.code(status).header('Content-Type', type).send(Buffer.from(text))
}

function errorBody(error: unknown): { Message: string; Code: number; Type: 'error' } {
  return { Message: kuboWords(error), Code: 0, Type: 'error' }
}

/** Clients look for some of these words, as Kubo writes them. */
export function kuboWords(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'context deadline exceeded'
  const { code, detail, message } = toWasmateError(error)
  if (detail === undefined) return message
  if (code === 'CONTENT_NOT_FOUND' && detail.startsWith('block ')) {
    return `block was not found locally (offline): ipld: could not find ${detail.slice('block '.length)}`
  }
  return code === 'INPUT_INVALID' || code === 'CONTENT_NOT_FOUND' ? detail : message
}

function toLines(values: AsyncIterable<unknown> | Iterable<unknown>): Streamed {
  return {
    chunks: (async function* () {
      for await (const value of values) yield `${JSON.stringify(value)}\n`
    })(),
    headers: { 'Content-Type': 'application/json', 'X-Chunked-Output': '1' },
    lastWords: (error) => `${JSON.stringify(errorBody(error))}\n`,
  }
}

function toBytes({ bytes, type = 'text/plain', length }: Extract<Answer, { bytes: unknown }>): Streamed {
  const size: Record<string, string> = length === undefined ? {} : { 'X-Content-Length': String(length) }
  return {
    chunks: bytes,
    headers: { 'Content-Type': type, 'X-Stream-Output': '1', ...size },
    lastWords: () => '',
  }
}

/**
 * The `ipfs` command reads the trailer and shows what it says. fetch, and so kubo-rpc-client, has no trailers: for
 * it an answer that ends as it should is whole, so that its answers are cut off instead.
 */
function knowsTrailers({ request }: FastifyReply): boolean {
  const isCommand = request.headers['user-agent']?.startsWith('go-ipfs-cmds/') ?? false
  return isCommand && request.raw.httpVersion !== '1.0'
}

function withTrailer(streamed: Streamed): Streamed {
  // RFC 9110 section 5.5: visible ASCII in one line.
  const lastTrailer = (error: unknown): Record<string, string> => ({
    [errorTrailer]: kuboWords(error)
      .replace(/\s+/g, ' ')
      .replace(/[^ -~]/g, '?'),
  })
  return { ...streamed, lastTrailer }
}
