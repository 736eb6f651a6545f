// A cursor over a section of DWARF: integers of all widths, strings, blocks. Little-endian, as all of WebAssembly.
// Throws RangeError where the section ends before what is read does.

import { readSigned, readUnsigned } from '../../../base/wasm/leb128.ts'

export class Cursor {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }

  get length(): number {
    return this.#bytes.length
  }

  byte(): number {
    return this.#view.getUint8(this.at++)
  }

  i8(): number {
    return this.#view.getInt8(this.at++)
  }

  u16(): number {
    this.at += 2
    return this.#view.getUint16(this.at - 2, true)
  }

  u32(): number {
    this.at += 4
    return this.#view.getUint32(this.at - 4, true)
  }

  /** Rounded above 2^53. */
  u64(): number {
    this.at += 8
    return Number(this.#view.getBigUint64(this.at - 8, true))
  }

  /** Of `size` bytes: 1 to 4, or 8. */
  uint(size: number): number {
    if (size === 8) return this.u64()
    let value = 0
    for (let place = 0; place < size; place++) value += this.byte() * 2 ** (8 * place)
    return value
  }

  uleb(): number {
    return readUnsigned(this)
  }

  sleb(): number {
    return readSigned(this)
  }

  /** Up to the next zero, which is passed. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.at)
    if (end < 0) throw new RangeError(`a text at ${this.at} has no end`)
    const text = Buffer.from(this.#bytes.subarray(this.at, end)).toString()
    this.at = end + 1
    return text
  }

  block(size: number): Uint8Array {
    if (this.at + size > this.length) throw new RangeError(`a block at ${this.at} is longer than its section`)
    this.at += size
    return this.#bytes.subarray(this.at - size, this.at)
  }
}
