// LEB128, in which WebAssembly and DWARF write integers. They come as numbers, rounded above 2^53.

/** Gives the next byte and passes it; throws where there is none. */
export interface ByteSource {
  byte(): number
}

export function readUnsigned(from: ByteSource): number {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = from.byte()
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
  }
}

export function readSigned(from: ByteSource): number {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = from.byte()
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return (byte & 0x40) !== 0 ? value - factor * 128 : value
  }
}
