// One connection of the llhttp server: requests handed over when they may run, replies written in their order.

import type { Socket } from 'node:net'
import { Message, type Replier } from './message.ts'
import { Reader } from './reader.ts'
import { run } from './refusal.ts'
import { ReplyWriter } from './reply.ts'
import type { Fault } from './request.ts'
import type { Shared } from './shared.ts'
import { Stall } from './stall.ts'

const proceed = 'HTTP/1.1 100 Continue\r\n\r\n'
/** How long what was sent last is given to arrive, before the connection goes (RFC 9112 section 9.6). */
const lingerMs = 2_000

export class Connection implements Replier {
  readonly #shared: Shared
  readonly #socket: Socket
  readonly #reader: Reader
  readonly #writer: ReplyWriter
  readonly #stall: Stall
  /** Handed over and not replied to, or replied to before their turn. */
  readonly #queue: Message[] = []
  #queuedBytes = 0
  /** A whole request that may not run before those in the queue are replied to. */
  #waiting: Message | undefined
  /** Bytes that came and are not parsed yet: those of `rest` from `at` on. */
  #rest: Buffer | undefined
  #at = 0
  /** When the present phase began. */
  #since: number
  #pumping = false
  #corked = false
  /** The client has sent its last byte, yet may be reading (RFC 9112 section 9.6). */
  #ended = false
  /** Nothing more is taken from the client. */
  #stopped = false
  #probes = 0
  /** The reply being written is the last. */
  #isEnding = false

  constructor(shared: Shared, socket: Socket) {
    this.#shared = shared
    this.#socket = socket
    this.#since = shared.now
    this.#reader = new Reader(shared.llhttp, shared.limits, this, shared.room.share())
    this.#writer = new ReplyWriter(socket)
    this.#stall = new Stall(socket)
    shared.connections.add(this)
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('drain', () => this.#onDrain())
    socket.on('end', () => this.#onEnd())
    // What follows an error is `close`.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#onClose())
  }

  #onData(chunk: Buffer): void {
    // Read and left alone: a reset would take the last reply with it (RFC 9112 section 9.6).
    if (this.#stopped) return
    this.#rest = this.#rest === undefined ? chunk : Buffer.concat([this.#rest.subarray(this.#at), chunk])
    this.#at = 0
    this.#pump()
  }

  #onEnd(): void {
    this.#ended = true
    this.#pump()
  }

  /** Goes on until there is nothing to do or something to wait for. */
  #pump(): void {
    // A handler that replies at once comes back here from inside the loop.
    if (this.#pumping) return
    this.#pumping = true
    while (!this.#stopped && this.#step()) continue
    this.#pumping = false
    if (this.#corked) {
      this.#corked = false
      this.#socket.uncork()
    }
    this.#settle()
  }

  #step(): boolean {
    if (this.#waiting !== undefined) {
      if (!this.#mayRun(this.#waiting)) return false
      this.#hand(this.#waiting)
      return true
    }
    const rest = this.#rest
    if (rest === undefined || this.#socket.writableNeedDrain) return false
    if (this.#queue.length >= this.#shared.limits.maxPipelined) return false
    const phase = this.#reader.phase
    const end = this.#reader.read(rest, this.#at)
    if (this.#reader.phase !== phase) this.#since = this.#shared.now
    if (end < rest.length) this.#at = end
    else this.#rest = undefined
    if (this.#reader.fault !== undefined) {
      this.#refuse(this.#reader.fault)
      return false
    }
    this.#waiting = this.#reader.take()
    // More requests are there: their replies leave together.
    if (this.#waiting !== undefined && this.#rest !== undefined && !this.#corked) {
      this.#corked = true
      this.#socket.cork()
    }
    return true
  }

  /** Only safe requests run beside others (RFC 9112 section 9.3.2), and all bodies held count as one. */
  #mayRun(message: Message): boolean {
    const first = this.#queue[0]
    if (first === undefined) return true
    const fits = this.#queuedBytes + message.body.length <= this.#shared.limits.maxBodyBytes
    return first.isSafe && message.isSafe && fits
  }

  #hand(message: Message): void {
    this.#waiting = undefined
    this.#queue.push(message)
    this.#queuedBytes += message.body.length
    // What comes behind a last request is not one (RFC 9112 section 9.6).
    if (!message.keepAlive) {
      this.#stopped = true
      this.#rest = undefined
    }
    run(this.#shared.handle, message)
  }

  onReply(message: Message): void {
    if (this.#queue[0] === message) this.#flush()
  }

  #onDrain(): void {
    if (!this.#writer.isBusy) this.#pump()
    else if (this.#writer.resume()) this.#endReply()
  }

  /** Writes the replies whose turn it is. */
  #flush(): void {
    const [message] = this.#queue
    if (message?.head === undefined || this.#writer.isBusy) return
    this.#isEnding = this.#isLast(message)
    if (this.#writer.begin(message, this.#shared.date, this.#isEnding)) this.#endReply()
  }

  #endReply(): void {
    const bytes = this.#queue.shift()?.body.length ?? 0
    this.#queuedBytes -= bytes
    this.#reader.share.give(bytes)
    this.#since = this.#shared.now
    // A stop of the server that began during a large reply finds nothing else in hand.
    const isDrained = this.#shared.draining && this.#queue.length === 0 && this.#waiting === undefined
    if (this.#isEnding || isDrained) this.#stop()
    else this.#flush()
    this.#pump()
  }

  #isLast(message: Message): boolean {
    if (!message.keepAlive) return true
    if (!this.#shared.draining && !this.#ended) return false
    const isAlone = this.#queue.length === 1 && this.#waiting === undefined
    return isAlone && (this.#shared.draining || this.#rest === undefined)
  }

  /** What else follows from the state that the loop left. */
  #settle(): void {
    const socket = this.#socket
    const isBlocked = !this.#stopped && (this.#waiting !== undefined || this.#rest !== undefined)
    if (isBlocked) return void socket.pause()
    if (socket.isPaused()) {
      socket.resume()
      this.#since = this.#shared.now
    }
    if (this.#stopped) return
    if (this.#ended) {
      if (this.#reader.phase !== 'idle') this.#refuse({ status: 400, detail: 'The request ends too early' })
      else if (this.#queue.length === 0) this.#stop()
    } else if (this.#reader.expectsContinue && this.#queue.length === 0) {
      this.#reader.expectsContinue = false
      socket.write(proceed, 'latin1')
    }
  }

  /** Answers in turn, and takes nothing more. */
  #refuse(fault: Fault): void {
    const { head, body } = this.#shared.refuse(fault)
    const message = this.#reader.unfinished ?? Message.blank(this)
    message.keepAlive = false
    this.#queue.push(message)
    this.#rest = undefined
    this.#stopped = true
    message.reply(head, body)
  }

  #stop(): void {
    this.#stopped = true
    this.#rest = undefined
    this.#socket.end()
  }

  #onClose(): void {
    this.#shared.connections.delete(this)
    this.#stopped = true
    this.#reader.free()
    this.#waiting = undefined
    for (const message of this.#queue.splice(0)) message.leave()
  }

  /** Called every so often: the timeouts of all connections cost one timer. */
  sweep(): void {
    if (this.#stall.at(this.#shared.now) > this.#shared.limits.writeStallMs) return this.destroy()
    const age = this.#shared.now - this.#since
    const { headersTimeoutMs, bodyTimeoutMs, idleTimeoutMs } = this.#shared.limits
    if (this.#queue.length > 0) {
      if (this.#ended) this.#probe()
    } else if (this.#stopped) {
      if (age > lingerMs && this.#socket.writableLength === 0) this.destroy()
    } else if (this.#reader.phase === 'headers') {
      if (age > headersTimeoutMs)
        this.#refuse({ status: 408, detail: `No headers in ${headersTimeoutMs} ms` })
    } else if (this.#reader.phase === 'body') {
      if (age > bodyTimeoutMs) this.#refuse({ status: 408, detail: `No body in ${bodyTimeoutMs} ms` })
    } else if (age > idleTimeoutMs) this.destroy()
  }

  /**
   * Who has sent its last byte may be waiting for the reply or be gone: only writing tells. A 100 may always be
   * sent and means nothing to who did not ask for it (RFC 9110 section 15.2). The first brings a reset from
   * who is gone, the second meets it.
   */
  #probe(): void {
    this.#probes += 1
    if (this.#probes === 1 || this.#probes > 3 || this.#queue[0]?.minor === 0) return
    this.#socket.write(proceed, 'latin1')
  }

  /** With the server stopping, a connection without a request has nothing to wait for. */
  drain(): void {
    const isIdle = this.#queue.length === 0 && this.#reader.phase === 'idle' && this.#rest === undefined
    if (isIdle && !this.#stopped) this.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
