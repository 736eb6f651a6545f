// Bytes that arrive in pieces, in one buffer: pieces of one byte each cost no more than their bytes.

const none = Buffer.alloc(0)

export class Gather {
  #bytes = none
  length = 0

  append(part: Uint8Array): void {
    const length = this.length + part.length
    if (length > this.#bytes.length) {
      // Twice what is there, never what a client only announces.
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length, 512))
      larger.set(this.#bytes.subarray(0, this.length))
      this.#bytes = larger
    }
    this.#bytes.set(part, this.length)
    this.length = length
  }

  /** What was appended; the next append begins anew. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.length)
    this.#bytes = none
    this.length = 0
    return bytes
  }
}
