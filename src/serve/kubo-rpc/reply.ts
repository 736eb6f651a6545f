// Answers as Kubo sends them, so that an error at any time reaches its clients as an error.

import type { FastifyReply } from 'fastify'
import { toWasmateError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { type Streamed, sendStream } from '../stream.ts'
import type { Answer } from './endpoint.ts'

export async function sendAnswer(reply: FastifyReply, answer: Answer, log: Log): Promise<void> {
  if ('json' in answer) {
    await reply.type('application/json').send(JSON.stringify(answer.json))
    return
  }
  await sendStream(reply, 'lines' in answer ? toLines(answer.lines) : toBytes(answer), log)
}

/** Kubo's own form, and its own answers for what it refuses before any command runs. */
export function sendKuboError(error: unknown, reply: FastifyReply): void {
  const { code, status } = toWasmateError(error)
  // What is left of a body is dropped, else its sender sees a reset instead of this answer.
  reply.request.raw.resume()
  if (code === 'ROUTE_NOT_FOUND') return void reply.code(404).type('text/plain').send('404 page not found\n')
  if (code === 'ORIGIN_REFUSED') return void reply.code(403).type('text/plain').send('403 - Forbidden\n')
  void reply
    .code(code === 'INPUT_INVALID' ? 400 : code === 'BODY_TOO_LARGE' ? status : 500)
    .type('application/json')
    .send(formatError(error))
}

export function formatError(error: unknown): string {
  const { code, detail, message } = toWasmateError(error)
  // Clients look for these words, as Kubo writes them.
  const words =
    code === 'CONTENT_NOT_FOUND' && detail?.startsWith('block ')
      ? `block was not found locally (offline): ipld: could not find ${detail.slice('block '.length)}`
      : code === 'INPUT_INVALID'
        ? (detail ?? message)
        : message
  return JSON.stringify({ Message: words, Code: code === 'INPUT_INVALID' ? 1 : 0, Type: 'error' })
}

function toLines(values: AsyncIterable<unknown> | Iterable<unknown>): Streamed {
  return {
    chunks: (async function* () {
      for await (const value of values) yield `${JSON.stringify(value)}\n`
    })(),
    headers: { 'Content-Type': 'application/json', 'X-Chunked-Output': '1' },
    lastWords: (error) => `${formatError(error)}\n`,
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
