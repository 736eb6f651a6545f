// What the language itself asks of its host (abort, trace, Math.random), answered by Extism and WASI.
// Every AssemblyScript function is compiled with this file and bindings/dom.ts beside it.

@external('extism:host/env', 'alloc')
declare function extismAlloc(length: u64): u64
@external('extism:host/env', 'store_u8')
declare function extismStore(at: u64, value: u8): void
@external('extism:host/env', 'error_set')
declare function extismError(block: u64): void
@external('extism:host/env', 'log_debug')
declare function extismLogDebug(block: u64): void
@external('wasi_snapshot_preview1', 'random_get')
declare function wasiRandom(to: usize, length: usize): i32

/** A block of the host with the text in UTF-8. */
export function toBlock(text: string): u64 {
  const bytes = String.UTF8.encode(text)
  const block = extismAlloc(bytes.byteLength)
  putBytes(block, bytes)
  return block
}

/** Gives where the next byte goes. */
function putBytes(at: u64, bytes: ArrayBuffer): u64 {
  const from = changetype<usize>(bytes)
  for (let i = 0; i < bytes.byteLength; i++) extismStore(at + i, load<u8>(from + i))
  return at + bytes.byteLength
}

function putNumber(at: u64, value: u32): u64 {
  if (value > 9) at = putNumber(at, value / 10)
  extismStore(at, <u8>(0x30 + (value % 10)))
  return at + 1
}

function countDigits(value: u32): i32 {
  let count = 1
  for (; value > 9; value /= 10) count++
  return count
}

let aborting = false

/** The caller is told what was thrown and where, `message (file:line:column)`; the trap that follows ends the call. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  // Making the text needs memory: when that was what failed, it fails again.
  if (aborting) return
  aborting = true
  const what = String.UTF8.encode(message ? message : 'aborted')
  const where = String.UTF8.encode(file ? file : '')
  const block = extismAlloc(what.byteLength + where.byteLength + countDigits(line) + countDigits(column) + 5)
  let at = putBytes(block, what)
  extismStore(at, 0x20)
  extismStore(at + 1, 0x28)
  at = putBytes(at + 2, where)
  extismStore(at, 0x3a)
  at = putNumber(at + 1, line)
  extismStore(at, 0x3a)
  at = putNumber(at + 1, column)
  extismStore(at, 0x29)
  extismError(block)
  aborting = false
}

export function trace(message: string, n: i32 = 0, a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0, e: f64 = 0): void {
  let text = message
  if (n > 0) text += ' ' + a.toString()
  if (n > 1) text += ' ' + b.toString()
  if (n > 2) text += ' ' + c.toString()
  if (n > 3) text += ' ' + d.toString()
  if (n > 4) text += ' ' + e.toString()
  extismLogDebug(toBlock(text))
}

/** Where Math.random begins. */
export function seed(): f64 {
  const to = memory.data(8)
  wasiRandom(to, 8)
  return reinterpret<f64>(load<u64>(to))
}
