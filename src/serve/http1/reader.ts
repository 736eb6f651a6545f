// Bytes of one connection to requests, one at a time; what breaks a rule or a limit becomes a fault.

import { Gather } from './gather.ts'
import { type Llhttp, type ParserSink, outcome } from './llhttp.ts'
import { Message, type Replier } from './message.ts'
import type { Fault, Http1Limits } from './request.ts'
import type { Share } from './room.ts'
import { findFault, noRoom, parseTarget, tooLarge, tooLong, tooMany, unknownMethod } from './rules.ts'

const none = Buffer.alloc(0)

export class Reader implements ParserSink {
  phase: 'idle' | 'headers' | 'body' = 'idle'
  fault: Fault | undefined
  /** The body is awaited, and its sender awaits a 100 (RFC 9110 section 10.1.1). */
  expectsContinue = false
  #message: Message | undefined
  readonly #llhttp: Llhttp
  readonly #parser: number
  readonly #limits: Http1Limits
  readonly #replier: Replier
  /** Of the bytes of bodies that are held: whoever takes a message gives back those of its body. */
  readonly share: Share
  /** Chunk being parsed, and where its part of the message begins. */
  #chunk: Buffer = none
  #begin = 0
  /** What to add to a position in the chunk to have it among the bytes of the message. */
  #shift = 0
  /** Request line and headers so far, when they come in more than one chunk. */
  readonly #head = new Gather()
  #spans: number[] = []
  readonly #body = new Gather()
  #bodyPart: Buffer | undefined
  #bodyBytes = 0
  /** Bytes since the headers that are not of the body: chunk sizes, extensions, trailers. */
  #framingBytes = 0
  #isComplete = false
  /** Of the request before: on one connection they seldom change. */
  #rawTarget = ''
  #host = ''

  constructor(llhttp: Llhttp, limits: Http1Limits, replier: Replier, share: Share) {
    this.#llhttp = llhttp
    this.#parser = llhttp.create()
    this.#limits = limits
    this.#replier = replier
    this.share = share
  }

  free(): void {
    this.#llhttp.free(this.#parser)
    this.share.close()
  }

  /** The message whose headers are known, if the fault came later than those. */
  get unfinished(): Message | undefined {
    return this.#message
  }

  /** Reads on from `at`, up to the end of a request, a fault or the chunk; gives the position. */
  read(chunk: Buffer, at: number): number {
    this.#chunk = chunk
    this.#begin = at
    this.#shift = this.#head.length > 0 ? this.#head.length - at : 0
    const bodyBytes = this.#bodyBytes
    const code = this.#llhttp.execute(this.#parser, this, chunk, at)
    const end = this.#llhttp.position(this.#parser, code)
    if (end === chunk.length) this.#llhttp.release()
    if (code !== outcome.ok && code !== outcome.paused && code !== outcome.upgrade) {
      this.fault ??= this.#explain(code)
    } else if (this.phase === 'headers') this.#keepHead(end)
    else if (this.phase === 'body') this.#countFraming(end - this.#begin - (this.#bodyBytes - bodyBytes))
    this.#chunk = none
    return end
  }

  /** The whole request that was just read, if one was. */
  take(): Message | undefined {
    if (!this.#isComplete) return undefined
    this.#isComplete = false
    const message = this.#message
    if (message && this.#bodyPart) {
      message.body = this.#body.length > 0 ? this.#body.take() : this.#bodyPart
      this.#bodyPart = undefined
    }
    this.#message = undefined
    return message
  }

  onBegin(): void {
    this.phase = 'headers'
    this.#spans = []
  }

  onTarget(at: number, length: number): number {
    const spans = this.#spans
    if (spans.length === 0) spans.push(at + this.#shift, length)
    else spans[1] = (spans[1] ?? 0) + length
    return this.#checkLength(at + length)
  }

  onName(at: number, length: number): number {
    // Names of trailers: counted with the framing, otherwise left out (RFC 9110 section 6.5.1).
    if (this.phase === 'body') return outcome.ok
    const spans = this.#spans
    if (spans.length % 4 !== 0) spans.push(at + this.#shift, length)
    else if (at + this.#shift === this.#spansEnd()) this.#extend(length)
    // The name before had no value, not even an empty one.
    else spans.push(at + this.#shift, 0, at + this.#shift, length)
    if (spans.length > 4 * this.#limits.maxHeaders + 2) return this.#fail(tooMany(this.#limits.maxHeaders))
    return this.#checkLength(at + length)
  }

  onValue(at: number, length: number): number {
    if (this.phase === 'body') return outcome.ok
    const spans = this.#spans
    if (spans.length % 4 === 2) this.#extend(length)
    else spans.push(at + this.#shift, length)
    return this.#checkLength(at + length)
  }

  /** A name or value that was cut by the end of a chunk goes on where it ended. */
  #extend(length: number): void {
    const last = this.#spans.length - 1
    this.#spans[last] = (this.#spans[last] ?? 0) + length
  }

  #checkLength(end: number): number {
    const { maxHeaderBytes } = this.#limits
    const begin = this.#head.length > 0 ? 0 : this.#begin
    if (end + this.#shift - begin <= maxHeaderBytes) return outcome.ok
    return this.#fail(tooLong(maxHeaderBytes, this.#spans.length === 2))
  }

  onHeaders(keepAlive: boolean): number {
    const major = this.#llhttp.major(this.#parser)
    // llhttp reads HTTP/0.9 and 2.0 as if they were 1.1.
    if (major !== 1) return this.#fail({ status: 505, detail: 'HTTP/1.0 and HTTP/1.1 are spoken here' })
    const message = this.#createMessage()
    this.#message = message
    message.setMethod(this.#llhttp.method(this.#parser))
    message.minor = this.#llhttp.minor(this.#parser)
    message.keepAlive = keepAlive
    if (!message.isHttp()) return this.#fail({ status: 400, detail: 'Not an HTTP request' })
    this.#rawTarget = message.rawTarget(this.#rawTarget)
    const target = parseTarget(message.method, this.#rawTarget)
    if ('status' in target) return this.#fail(target)
    const facts = message.facts(this.#host)
    this.#host = facts.host
    const fault = findFault(facts, this.#limits.maxBodyBytes)
    if (fault) return this.#fail(fault)
    message.target = target.target
    message.host = target.host ?? (facts.hosts > 0 ? facts.host : undefined)
    this.expectsContinue =
      facts.expect !== undefined &&
      message.minor > 0 &&
      (facts.contentLength > 0 || facts.coding !== undefined)
    this.phase = 'body'
    // Of this chunk, what lies behind the headers counts as body or framing.
    this.#begin = this.#spansEnd() - this.#shift
    return outcome.ok
  }

  #createMessage(): Message {
    if (this.#head.length === 0) return new Message(this.#replier, this.#chunk, this.#spans)
    this.#head.append(this.#chunk.subarray(this.#begin))
    return new Message(this.#replier, this.#head.take(), this.#spans)
  }

  #spansEnd(): number {
    const last = this.#spans.length - 1
    return (this.#spans[last - 1] ?? 0) + (this.#spans[last] ?? 0)
  }

  onBody(at: number, length: number): number {
    this.#bodyBytes += length
    const { maxBodyBytes, maxHeldBytes } = this.#limits
    if (this.#bodyBytes > maxBodyBytes) return this.#fail(tooLarge(maxBodyBytes))
    if (!this.share.take(length)) return this.#fail(noRoom(maxHeldBytes))
    const part = this.#chunk.subarray(at, at + length)
    if (this.#bodyPart === undefined) {
      this.#bodyPart = part
      return outcome.ok
    }
    if (this.#body.length === 0) this.#body.append(this.#bodyPart)
    this.#body.append(part)
    return outcome.ok
  }

  onComplete(): void {
    this.phase = 'idle'
    this.expectsContinue = false
    this.#bodyBytes = 0
    this.#framingBytes = 0
    this.#isComplete = true
  }

  #fail(fault: Fault): number {
    this.fault = fault
    return outcome.refused
  }

  /** The chunk ended among the headers: its bytes are kept, and positions are from then on among those. */
  #keepHead(end: number): void {
    const isFirst = this.#head.length === 0
    if (isFirst) {
      for (let index = 0; index < this.#spans.length; index += 2) {
        this.#spans[index] = (this.#spans[index] ?? 0) - this.#begin
      }
    }
    this.#head.append(this.#chunk.subarray(this.#begin, end))
    // White space that belongs to no name or value is counted here.
    const { maxHeaderBytes } = this.#limits
    if (this.#head.length > maxHeaderBytes) this.fault = tooLong(maxHeaderBytes, this.#spans.length <= 2)
  }

  /** Framing has no use beyond its body, and no limit of its own in RFC 9112 section 7.1: it is given one. */
  #countFraming(bytes: number): void {
    this.#framingBytes += bytes
    if (this.#framingBytes > this.#limits.maxHeaderBytes + 8 * this.#bodyBytes) {
      this.fault = { status: 413, detail: 'Chunk extensions or trailers are too long' }
    }
  }

  #explain(code: number): Fault {
    const reason = this.#llhttp.reason(this.#parser)
    if (code === outcome.http2) return { status: 505, detail: 'HTTP/2 is not spoken here' }
    if (code === outcome.invalidVersion && reason === 'Invalid HTTP version') {
      return { status: 505, detail: 'HTTP/1.0 and HTTP/1.1 are spoken here' }
    }
    if (code === outcome.invalidMethod) {
      const line = this.#chunk.toString('latin1', this.#begin, this.#begin + 64)
      return unknownMethod(this.#head.take().toString('latin1') + line)
    }
    // A method of RTSP in an HTTP request.
    if (code === outcome.invalidConstant && reason.startsWith('Invalid method')) {
      return { status: 501, detail: 'The method is not known here' }
    }
    return { status: 400, detail: reason }
  }
}
