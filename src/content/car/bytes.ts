// A stream of chunks of any length, read by exact lengths, with the position of each byte.

import { WasmateError } from '../../base/errors.ts'

/** A CID with the longest hash that is known takes 70 bytes. */
export const maxCidBytes = 128

export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A CAR that can't be read on from here. */
export class BrokenCarError extends WasmateError {
  /** Bytes from the start of the stream. */
  readonly offset: number
  readonly reason: string

  constructor(offset: number, reason: string, options?: ErrorOptions) {
    super('CAR_INVALID', `at byte ${offset}: ${reason}`, options)
    this.offset = offset
    this.reason = reason
  }
}

/** Takes exact lengths from chunks of any length; memory stays at what is taken. */
export class ByteQueue {
  position = 0
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #offset = 0
  #end = Infinity

  constructor(source: ByteSource) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  /** From here on the stream seems to end at this position; `Infinity` takes that back. */
  endAt(position: number): void {
    this.#end = position
  }

  /** `undefined` at the end. */
  async next(): Promise<number | undefined> {
    if (!(await this.#fill())) return undefined
    this.position += 1
    return this.#chunk[this.#offset++]
  }

  /** Own memory, not a view into a chunk; throws CAR_INVALID when the stream ends before. */
  async take(length: number, what: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    await this.#pass(length, what, (part) => parts.push(part))
    return Buffer.concat(parts)
  }

  /** Throws CAR_INVALID when the stream ends before. */
  skip(length: number, what: string): Promise<void> {
    return this.#pass(length, what, () => undefined)
  }

  /** Reads to the end and keeps nothing. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#advance(this.#chunk.length - this.#offset)
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }

  async #pass(length: number, what: string, use: (part: Uint8Array) => void): Promise<void> {
    for (let left = length; left > 0;) {
      if (!(await this.#fill())) {
        const where = this.position === this.#end ? 'the data of the CARv2 ends' : 'it ends'
        throw new BrokenCarError(
          this.position,
          `${where} within a ${what}, ${left} of ${length} bytes are missing`,
        )
      }
      const most = Math.min(left, this.#end - this.position)
      const part = this.#chunk.subarray(this.#offset, this.#offset + most)
      use(part)
      this.#advance(part.length)
      left -= part.length
    }
  }

  #advance(length: number): void {
    this.#offset += length
    this.position += length
  }

  async #fill(): Promise<boolean> {
    if (this.position >= this.#end) return false
    while (this.#offset >= this.#chunk.length) {
      const next: IteratorResult<Uint8Array, unknown> = await this.#source.next()
      if (next.done) return false
      this.#chunk = next.value
      this.#offset = 0
    }
    return true
  }
}

/** Unsigned LEB128 of at most `max`; `undefined` at the end of the stream, which may only come here. */
export async function readLength(bytes: ByteQueue, what: string, max: number): Promise<number | undefined> {
  const start = bytes.position
  let value = 0
  // Seven groups of seven bits are more than any length that is allowed, and still a safe integer.
  for (let shift = 0; shift < 49; shift += 7) {
    const byte = await bytes.next()
    if (byte === undefined && shift === 0) return undefined
    if (byte === undefined) throw new BrokenCarError(start, `it ends within the length of a ${what}`)
    value += (byte & 0x7f) * 2 ** shift
    if (byte >= 0x80) continue
    // CARv1, section "Padding": there is none, every section has a CID.
    if (value === 0)
      throw new BrokenCarError(start, `a ${what} of length 0, which some pad with but no CAR has`)
    if (value > max) throw new BrokenCarError(start, `a ${what} of ${value} bytes, at most ${max} are taken`)
    return value
  }
  throw new BrokenCarError(start, `the length of a ${what} is no number that could be`)
}

/** Unsigned LEB128. */
export function encodeLength(length: number): Uint8Array {
  const bytes: number[] = []
  let left = length
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80)
  return Uint8Array.from([...bytes, left])
}
