// A cursor over a section of DWARF: integers of all widths, strings, blocks. Little-endian, as all of WebAssembly.
// Throws RangeError where the section ends before what is read does.

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

  u8(): number {
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
    for (let place = 0; place < size; place++) value += this.u8() * 2 ** (8 * place)
    return value
  }

  uleb(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  sleb(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - factor * 128 : value
    }
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
