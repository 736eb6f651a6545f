// A request as it was parsed: where its headers lie among the bytes that came; text is made when asked for.

import { WasmateError } from '../../base/errors.ts'
import type { Head } from './head.ts'
import { type Http1Request, safeMethods } from './request.ts'
import type { Facts } from './rules.ts'

const empty = Buffer.alloc(0)

/** Told when a reply is there; sends it when it is its turn. */
export interface Replier {
  onReply(message: Message): void
}

export class Message implements Http1Request {
  method = ''
  target = ''
  /** Of an absolute target, or of the Host header. */
  host: string | undefined
  body: Uint8Array = empty
  minor = 1
  keepAlive = false
  isSafe = true
  /** The reply, once there is one. */
  head: Head | undefined
  content: Uint8Array = empty
  readonly #replier: Replier
  readonly #bytes: Buffer
  /** Position and length of the target, then of a name and of its value by turns. */
  readonly #spans: readonly number[]
  #isOver = false
  #gone: (() => void) | undefined

  constructor(replier: Replier, bytes: Buffer, spans: readonly number[]) {
    this.#replier = replier
    this.#bytes = bytes
    this.#spans = spans
  }

  /** Stands for a request that could not be read, to be refused in its turn. */
  static blank(replier: Replier): Message {
    return new Message(replier, empty, [])
  }

  get replied(): boolean {
    return this.#isOver
  }

  setMethod(method: string): void {
    this.method = method
    this.isSafe = safeMethods.has(method)
  }

  /** A target or name or value by its index among the spans. */
  #text(index: number): string {
    const at = this.#spans[index] ?? 0
    return this.#bytes.toString('latin1', at, at + (this.#spans[index + 1] ?? 0))
  }

  /** The same, not made anew when it is what it was in the request before. */
  #textLike(index: number, before: string): string {
    const at = this.#spans[index] ?? 0
    if (this.#spans[index + 1] !== before.length) return this.#text(index)
    for (let offset = 0; offset < before.length; offset += 1) {
      if (this.#bytes[at + offset] !== before.charCodeAt(offset)) return this.#text(index)
    }
    return before
  }

  /** White space around a value is none of it (RFC 9112 section 5); the parser leaves what is behind. */
  #value(index: number, before = ''): string {
    const value = this.#textLike(index + 2, before)
    const last = value.charCodeAt(value.length - 1)
    return last === 32 || last === 9 ? value.trimEnd() : value
  }

  #isNamed(index: number, name: string): boolean {
    const at = this.#spans[index] ?? 0
    if (this.#spans[index + 1] !== name.length) return false
    for (let offset = 0; offset < name.length; offset += 1) {
      const code = this.#bytes[at + offset] ?? 0
      const isCapital = code >= 65 && code <= 90
      if ((isCapital ? code + 32 : code) !== name.charCodeAt(offset)) return false
    }
    return true
  }

  /** The target as sent; `before` is that of the request before. */
  rawTarget(before: string): string {
    return this.#textLike(0, before)
  }

  /** Whether ` H` follows the target: llhttp also knows RTSP and ICE, which say otherwise there. */
  isHttp(): boolean {
    const end = (this.#spans[0] ?? 0) + (this.#spans[1] ?? 0)
    return this.#bytes[end] === 32 && this.#bytes[end + 1] === 72
  }

  /** The headers that say how to read on, in one pass; `hostBefore` is that of the request before. */
  facts(hostBefore: string): Facts {
    const facts: Facts = {
      minor: this.minor,
      hosts: 0,
      host: '',
      expect: undefined,
      coding: undefined,
      contentLength: 0,
    }
    for (let index = 2; index < this.#spans.length; index += 4) {
      if (this.#isNamed(index, 'host')) {
        facts.hosts += 1
        facts.host = this.#value(index, hostBefore)
      } else if (this.#isNamed(index, 'content-length')) facts.contentLength = Number(this.#value(index))
      else if (this.#isNamed(index, 'expect')) facts.expect = join(facts.expect, this.#value(index))
      else if (this.#isNamed(index, 'transfer-encoding'))
        facts.coding = join(facts.coding, this.#value(index))
    }
    return facts
  }

  header(name: string): string | undefined {
    if (name === 'host') return this.host
    let found: string | undefined
    for (let index = 2; index < this.#spans.length; index += 4) {
      if (this.#isNamed(index, name)) found = join(found, this.#value(index))
    }
    return found
  }

  headers(): Record<string, string> {
    const found = new Map<string, string>()
    for (let index = 2; index < this.#spans.length; index += 4) {
      const name = this.#text(index).toLowerCase()
      found.set(name, join(found.get(name), this.#value(index)))
    }
    if (this.host !== undefined) found.set('host', this.host)
    return Object.fromEntries(found)
  }

  onGone(listener: () => void): void {
    this.#gone = listener
  }

  reply(head: Head, body: Uint8Array | string): void {
    if (this.head !== undefined) throw new WasmateError('INTERNAL', 'a request was replied to twice')
    this.head = head
    if (this.#isOver) return
    this.#isOver = true
    this.content = typeof body === 'string' ? Buffer.from(body) : body
    this.#replier.onReply(this)
  }

  /** The client went away. */
  leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#gone?.()
  }
}

function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`
}
