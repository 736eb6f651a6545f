// Bytes of a module, written from front to back; most are copied from another one.

export class WasmWriter {
  readonly #from: Uint8Array
  #to: Uint8Array
  #at = 0

  /** `from` is what is copied of. */
  constructor(from: Uint8Array) {
    this.#from = from
    this.#to = new Uint8Array(from.length * 2 + 256)
  }

  bytes(): Uint8Array {
    return this.#to.slice(0, this.#at)
  }

  raw(...bytes: number[]): void {
    this.#reserve(bytes.length)
    for (const byte of bytes) this.#to[this.#at++] = byte
  }

  copy(start: number, end: number): void {
    this.#reserve(end - start)
    this.#to.set(this.#from.subarray(start, end), this.#at)
    this.#at += end - start
  }

  /** LEB128, section 5.2.2. */
  u32(value: number): void {
    this.#reserve(5)
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#to[this.#at++] = (rest % 128) + 128
    this.#to[this.#at++] = rest
  }

  /** The same for a signed type; of what is not negative. */
  signed(value: number): void {
    this.#reserve(6)
    let rest = value
    for (; rest >= 64; rest = Math.floor(rest / 128)) this.#to[this.#at++] = (rest % 128) + 128
    this.#to[this.#at++] = rest
  }

  section(id: number, write: () => void): void {
    this.raw(id)
    const begun = this.begin()
    write()
    this.end(begun)
  }

  /** What is written from here to `end`, which is to be given what this gives, stands behind its size. */
  begin(): number {
    this.#reserve(5)
    const sizeAt = this.#at
    this.#at += 5
    return sizeAt
  }

  /** The longest form of a size is as valid as the shortest. */
  end(sizeAt: number): void {
    let size = this.#at - sizeAt - 5
    for (let index = 0; index < 5; index++, size = Math.floor(size / 128)) {
      this.#to[sizeAt + index] = (size % 128) + (index < 4 ? 128 : 0)
    }
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#to.length) return
    const larger = new Uint8Array(this.#to.length * 2 + length)
    larger.set(this.#to.subarray(0, this.#at))
    this.#to = larger
  }
}
