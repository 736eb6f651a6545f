// Whether a client takes what is written to it. A timeout of the socket would not tell: it counts what comes in.

import type { Socket } from 'node:net'

export class Stall {
  readonly #socket: Socket
  /** How much had been taken when that was last more than before, and when that was. */
  #takenBytes = 0
  #takenAtMs = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** For how long nothing was taken, in milliseconds; 0 when nothing is to be taken. Asked again and again. */
  at(nowMs: number): number {
    const { writableLength, bytesWritten } = this.#socket
    if (writableLength > 0 && bytesWritten - writableLength === this.#takenBytes)
      return nowMs - this.#takenAtMs
    this.#takenBytes = bytesWritten - writableLength
    this.#takenAtMs = nowMs
    return 0
  }
}
