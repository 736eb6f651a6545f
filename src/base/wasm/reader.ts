// A cursor over WebAssembly's binary format: integers, names, types and limits, one after the other.
// Section numbers are those of the core specification 2.0 (2022), chapter 5, "Binary Format".

import { WasmateError } from '../errors.ts'
import { readUnsigned } from './leb128.ts'

/** Section 5.5.2 */
export const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
  tag: 13,
} as const

export interface WasmSection {
  id: number
  /** Offset of the section's id byte. */
  header: number
  /** Offsets of its content. */
  start: number
  end: number
}

export interface Limits {
  minPages: number
  maxPages?: number
  is64: boolean
}

/** The sections of a module in order; custom ones too. */
export function* readSections(bytes: Uint8Array): Generator<WasmSection> {
  const reader = new WasmReader(bytes, 8, bytes.length)
  while (!reader.done) {
    const header = reader.at
    const id = reader.byte()
    const size = reader.u32()
    const start = reader.at
    reader.skip(size)
    yield { id, header, start, end: reader.at }
  }
}

export class WasmReader {
  #bytes: Uint8Array
  #at: number
  #end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get at(): number {
    return this.#at
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  peek(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined
    if (byte === undefined) throw new WasmateError('WASM_INVALID', `it breaks off at byte ${this.#at}`)
    return byte
  }

  byte(): number {
    const byte = this.peek()
    this.#at++
    return byte
  }

  skip(length: number): void {
    if (this.#at + length > this.#end) {
      throw new WasmateError('WASM_INVALID', `a section at byte ${this.#at} is longer than the file`)
    }
    this.#at += length
  }

  /** Section 5.2.2; sizes of 64-bit memories too. */
  u32(): number {
    return readUnsigned(this)
  }

  /** Section 5.2.4 */
  name(): string {
    const length = this.u32()
    const start = this.#at
    this.skip(length)
    return new TextDecoder().decode(this.#bytes.subarray(start, this.#at))
  }

  /** Section 5.3.4; gives the first byte. Typed references (0x63, 0x64) are followed by a heap type. */
  valueType(): number {
    const first = this.byte()
    if (first === 0x63 || first === 0x64) this.u32()
    return first
  }

  /** Section 5.3.8, with the flags for shared (2) and 64-bit (4) memories. */
  limits(): Limits {
    const flags = this.byte()
    const minPages = this.u32()
    const is64 = (flags & 4) !== 0
    return flags & 1 ? { minPages, maxPages: this.u32(), is64 } : { minPages, is64 }
  }
}
