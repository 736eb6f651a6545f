// What node:http could not read as a request: told from its error code, and answered on the bare socket.

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Fault, Http1Limits, Refusal } from '../request.ts'
import { tooLong, unknownMethod } from '../rules.ts'

interface ParseError {
  code?: string
  reason?: string
  message: string
  rawPacket?: Buffer
}

export function explainBroken(error: ParseError, limits: Http1Limits): Fault {
  const { code, rawPacket } = error
  const reason = error.reason ?? error.message
  const line = rawPacket?.toString('latin1', 0, 64) ?? ''
  if (code === 'HPE_HEADER_OVERFLOW') {
    return tooLong(limits.maxHeaderBytes, (rawPacket?.indexOf('\r\n') ?? 0) > limits.maxHeaderBytes)
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return { status: 413, detail: 'Chunk extensions are too long' }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, detail: 'The request did not come in time' }
  if (code === 'HPE_INVALID_METHOD') return unknownMethod(line)
  if (code === 'HPE_PAUSED_H2_UPGRADE') return { status: 505, detail: 'HTTP/2 is not spoken here' }
  if (code === 'HPE_INVALID_VERSION' && reason === 'Invalid HTTP version') {
    return { status: 505, detail: 'HTTP/1.0 and HTTP/1.1 are spoken here' }
  }
  if (code === 'HPE_INVALID_CONSTANT' && reason.startsWith('Invalid method')) return unknownMethod(line)
  return { status: 400, detail: reason }
}

/** Answers and closes; what else comes is read and left alone (RFC 9112 section 9.6). */
export function answerBroken(socket: Socket, { head, body }: Refusal): void {
  socket.on('error', () => socket.destroy())
  socket.resume()
  const headers = head.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`
  socket.end(`HTTP/1.1 ${head.status} ${STATUS_CODES[head.status] ?? ''}\r\n${headers}${length}${body}`)
}
