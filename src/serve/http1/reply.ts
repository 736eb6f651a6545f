// Replies on the wire: small ones as one string in one write, large bodies in slices as they are taken.

import type { Socket } from 'node:net'
import type { Message } from './message.ts'

/** Up to this size copying a body costs less than a second buffer in the system call. */
const joinedBytes = 8_192
/** Of a large body so much is under way at a time: whether a client takes it is seen slice by slice. */
const sliceBytes = 262_144

export class ReplyWriter {
  readonly #socket: Socket
  /** The body that is being written, and how much of it was. */
  #body: Buffer | undefined
  #written = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Begins a reply; false when the rest has to wait for `drain`, and for `resume` then. */
  begin(message: Message, date: string, isLast: boolean): boolean {
    const { head, content } = message
    if (head === undefined) return true
    const length = head.bodyless ? '' : `${content.length}\r\n`
    const text = `${head.at(date)}${length}${ending(message, isLast)}`
    // RFC 9110 section 9.3.2: the reply to HEAD says what GET would have sent, and sends none of it.
    if (head.bodyless || message.method === 'HEAD' || content.length === 0) {
      this.#socket.write(text, 'latin1')
      return true
    }
    const body = toBuffer(content)
    if (content.length <= joinedBytes) {
      this.#socket.write(text + body.toString('latin1'), 'latin1')
      return true
    }
    this.#body = body
    this.#written = 0
    this.#socket.cork()
    this.#socket.write(text, 'latin1')
    const isDone = this.resume()
    this.#socket.uncork()
    return isDone
  }

  get isBusy(): boolean {
    return this.#body !== undefined
  }

  /** Writes on until the client takes no more for now. */
  resume(): boolean {
    const body = this.#body
    if (body === undefined) return true
    while (this.#written < body.length) {
      const slice = body.subarray(this.#written, this.#written + sliceBytes)
      this.#written += slice.length
      if (!this.#socket.write(slice) && this.#written < body.length) return false
    }
    this.#body = undefined
    return true
  }
}

/** RFC 9112 section 9.3: HTTP/1.1 stays open and HTTP/1.0 closes unless they say otherwise. */
function ending(message: Message, isLast: boolean): string {
  if (isLast) return 'Connection: close\r\n\r\n'
  return message.minor === 0 ? 'Connection: keep-alive\r\n\r\n' : '\r\n'
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
