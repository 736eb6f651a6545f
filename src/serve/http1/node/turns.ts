// The requests of one connection of node:http: which of them may run, and when to read on.

import type { Socket } from 'node:net'
import type { Exchange } from './exchange.ts'
import { run } from '../refusal.ts'
import type { Fault, Http1Request } from '../request.ts'
import type { Share } from '../room.ts'

export class Turns {
  /** Not replied to yet, in the order in which they came. */
  readonly #exchanges: Exchange[] = []
  readonly #socket: Socket
  readonly #handle: (request: Http1Request) => void
  readonly #maxPipelined: number
  /** Of the bytes of bodies that are held. */
  readonly share: Share
  #isRunning = false
  /** Replies that Node holds back, for they are not the first or not taken. */
  #unsent = 0
  /** What is wrong with what came behind them. */
  fault: Fault | undefined
  /** Nothing more counts that comes on this connection. */
  isRefused = false

  constructor(socket: Socket, handle: (request: Http1Request) => void, maxPipelined: number, share: Share) {
    this.#socket = socket
    this.#handle = handle
    this.#maxPipelined = maxPipelined
    this.share = share
    // Node tells none but the first of a response that it can't send.
    socket.on('close', () => {
      this.#exchanges.splice(0).forEach((exchange) => exchange.leave())
      share.close()
    })
  }

  get length(): number {
    return this.#exchanges.length
  }

  get latest(): Exchange | undefined {
    return this.#exchanges.at(-1)
  }

  add(exchange: Exchange): void {
    this.#exchanges.push(exchange)
    // What came together is parsed by now and waits; no more is read.
    if (this.length >= this.#maxPipelined) this.#socket.pause()
  }

  remove(exchange: Exchange): void {
    const index = this.#exchanges.indexOf(exchange)
    if (index >= 0) this.#exchanges.splice(index, 1)
    this.share.give(exchange.body.length)
    this.#unsent += 1
    if (this.length < this.#maxPipelined && this.#socket.isPaused()) this.#socket.resume()
  }

  /** The reply of one that was removed has left. */
  sent(): void {
    this.#unsent -= 1
    this.run()
  }

  /** Hands over what may run by now. A handler that replies at once comes back here from inside the loop. */
  run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      next.isRunning = true
      run(this.#handle, next)
    }
    this.#isRunning = false
  }

  /** The first, and safe ones beside safe ones (RFC 9112 section 9.3.2), while replies are taken. */
  #next(): Exchange | undefined {
    if (this.#socket.destroyed || this.#unsent >= this.#maxPipelined) return undefined
    const [first] = this.#exchanges
    for (const exchange of this.#exchanges.slice(0, this.#maxPipelined)) {
      if (!exchange.isWhole || (exchange !== first && !(first?.isSafe && exchange.isSafe))) return undefined
      if (!exchange.isRunning) return exchange
    }
    return undefined
  }
}
