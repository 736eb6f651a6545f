// Bytes of any length as they are kept: their size, and as much of them as is worth keeping.

import type { KeptBytes } from './record.ts'

const most = 64 * 1024

export function keepBytes(bytes: Uint8Array): KeptBytes {
  return { size: bytes.length, base64: Buffer.from(bytes.subarray(0, most)).toString('base64') }
}

/** All of it is here; otherwise it can be looked at and not be used again. */
export function isWhole({ size, base64 }: KeptBytes): boolean {
  return Buffer.byteLength(base64, 'base64') === size
}
