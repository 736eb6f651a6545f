// Errors as Lassie's daemon answers them: a status and one line of text.

import type { FastifyReply } from 'fastify'
import { type ErrorCode, toWasmateError } from '../../base/errors.ts'

export function refuse(reply: FastifyReply, status: number, reason: string): void {
  void reply
    .code(status)
    .header('X-Content-Type-Options', 'nosniff')
    .type('text/plain; charset=utf-8')
    .send(`${reason}\n`)
}

/** Their details are whole sentences of the daemon. */
const described: ErrorCode[] = ['INPUT_INVALID', 'FORMAT_UNSUPPORTED', 'CONTENT_NOT_FOUND']

/** What a request was refused for, before anything was fetched. */
export function refuseError(error: unknown, reply: FastifyReply): void {
  const { code, status, detail, message } = toWasmateError(error)
  if (code === 'METHOD_REFUSED') refuse(reply.header('Allow', 'GET'), status, 'method not allowed')
  else if (code === 'CID_INVALID') refuse(reply, status, 'failed to parse root CID')
  else if (code === 'ROUTE_NOT_FOUND') refuse(reply, status, '404 page not found')
  else if (described.includes(code)) refuse(reply, status, detail ?? message)
  else refuse(reply, status, message)
}
