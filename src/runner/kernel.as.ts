// The memory between a function and its host: blocks of bytes behind handles, after the Extism runtime ABI.
// AssemblyScript; `kernel.build.mjs` compiles it to kernel.wasm. Uses no runtime of AssemblyScript's own.
//
// A handle is a block's index in the upper half and an offset in the lower, so that an access is held to its
// block: what lies outside traps. Everything is let go when a call begins.

/** Why the kernel trapped; the host has words for each. */
const OUT_OF_MEMORY: i32 = 1
const OUTSIDE_BLOCK: i32 = 2
const OUTSIDE_INPUT: i32 = 3
const OUTPUT_OUTSIDE_BLOCK: i32 = 4
const ERROR_UNKNOWN_BLOCK: i32 = 5

// Four size classes to each power of two, so that rounding up wastes at most a quarter.
const CLASSES: u32 = 128
const FREE_LISTS: u32 = 64
const FIRST_TABLE: u32 = FREE_LISTS + CLASSES * 4
const FIRST_TABLE_LENGTH: u32 = 128
const HEAP: u32 = FIRST_TABLE + FIRST_TABLE_LENGTH * 8
const LARGEST: u64 = 0x40000000

let reason: i32 = 0
let top: u32 = HEAP
// One entry of eight bytes a block: address, or 0 when it is free; length, or the next free index.
let table: u32 = FIRST_TABLE
let tableLength: u32 = FIRST_TABLE_LENGTH
let nextIndex: u32 = 1
let freeIndex: u32 = 0

let input: u64 = 0
let inputAddress: u32 = 0
let inputSize: u32 = 0
let output: u64 = 0
let outputAddress: u32 = 0
let outputSize: u32 = 0
let error: u64 = 0

function trap(why: i32): void {
  reason = why
  unreachable()
}

function roundUp(size: u32): u32 {
  if (size <= 16) return 16
  const step = max<u32>(16, (<u32>1) << (29 - clz(size)))
  return (size + step - 1) & ~(step - 1)
}

function freeList(rounded: u32): u32 {
  const power = 31 - clz(rounded)
  return FREE_LISTS + ((power << 2) + ((rounded >> (power - 2)) & 3)) * 4
}

function take(size: u32): u32 {
  const rounded = roundUp(size)
  const list = freeList(rounded)
  const first = load<u32>(list)
  if (first != 0) {
    store<u32>(list, load<u32>(first))
    return first
  }
  const address = top
  const end = <u64>address + <u64>rounded
  if (end > (<u64>memory.size()) << 16) growTo(end)
  top = <u32>end
  return address
}

// By a quarter at least, so that many small blocks do not grow it page by page.
function growTo(end: u64): void {
  if (end > 0xffff0000) trap(OUT_OF_MEMORY)
  const pages = memory.size()
  const needed = <i32>((end + 0xffff) >> 16) - pages
  if (memory.grow(max(needed, pages >> 2)) == -1 && memory.grow(needed) == -1) trap(OUT_OF_MEMORY)
}

function give(address: u32, size: u32): void {
  const list = freeList(roundUp(size))
  store<u32>(address, load<u32>(list))
  store<u32>(list, address)
}

function takeIndex(): u32 {
  if (freeIndex != 0) {
    const index = freeIndex
    freeIndex = load<u32>(table + index * 8, 4)
    return index
  }
  if (nextIndex == tableLength) growTable()
  return nextIndex++
}

function growTable(): void {
  const larger = take(tableLength * 16)
  memory.copy(larger, table, tableLength * 8)
  if (table != FIRST_TABLE) give(table, tableLength * 8)
  table = larger
  tableLength *= 2
}

function addressOf(handle: u64): u32 {
  const index = <u32>(handle >> 32)
  return index != 0 && index < nextIndex ? load<u32>(table + index * 8) : 0
}

function lengthOf(handle: u64): u32 {
  return load<u32>(table + <u32>(handle >> 32) * 8, 4)
}

function locate(handle: u64, size: u64, why: i32): u32 {
  const address = addressOf(handle)
  if (address == 0) trap(why)
  const offset = <u32>handle
  if (size > LARGEST || <u64>offset + size > <u64>lengthOf(handle)) trap(why)
  return address + offset
}

export function alloc(size: u64): u64 {
  if (size > LARGEST) trap(OUT_OF_MEMORY)
  const address = take(<u32>size)
  memory.fill(address, 0, <u32>size)
  const index = takeIndex()
  store<u32>(table + index * 8, address)
  store<u32>(table + index * 8, <u32>size, 4)
  return (<u64>index) << 32
}

/** What the host still has to read stays, whatever the function frees. */
export function free(handle: u64): void {
  const address = addressOf(handle)
  if (address == 0 || <u32>handle != 0) return
  if (handle == input || handle == (output & 0xffffffff00000000) || handle == error) return
  give(address, lengthOf(handle))
  const index = <u32>(handle >> 32)
  store<u32>(table + index * 8, 0)
  store<u32>(table + index * 8, freeIndex, 4)
  freeIndex = index
}

export function length(handle: u64): u64 {
  return <u32>handle == 0 && addressOf(handle) != 0 ? <u64>lengthOf(handle) : 0
}

export function length_unsafe(handle: u64): u64 {
  return length(handle)
}

export function load_u8(handle: u64): u8 {
  return load<u8>(locate(handle, 1, OUTSIDE_BLOCK))
}

export function load_u64(handle: u64): u64 {
  return load<u64>(locate(handle, 8, OUTSIDE_BLOCK))
}

export function store_u8(handle: u64, value: u8): void {
  store<u8>(locate(handle, 1, OUTSIDE_BLOCK), value)
}

export function store_u64(handle: u64, value: u64): void {
  store<u64>(locate(handle, 8, OUTSIDE_BLOCK), value)
}

export function input_set(handle: u64, size: u64): void {
  inputAddress = size == 0 && handle == 0 ? 0 : locate(handle, size, OUTSIDE_BLOCK)
  inputSize = <u32>size
  input = handle
}

export function input_offset(): u64 {
  return input
}

export function input_length(): u64 {
  return <u64>inputSize
}

export function input_load_u8(offset: u64): u8 {
  if (offset >= <u64>inputSize) trap(OUTSIDE_INPUT)
  return load<u8>(inputAddress + <u32>offset)
}

export function input_load_u64(offset: u64): u64 {
  if (offset > LARGEST || offset + 8 > <u64>inputSize) trap(OUTSIDE_INPUT)
  return load<u64>(inputAddress + <u32>offset)
}

export function output_set(handle: u64, size: u64): void {
  outputAddress = size == 0 && handle == 0 ? 0 : locate(handle, size, OUTPUT_OUTSIDE_BLOCK)
  outputSize = <u32>size
  output = handle
}

export function output_offset(): u64 {
  return output
}

export function output_length(): u64 {
  return <u64>outputSize
}

export function error_set(handle: u64): void {
  if (handle != 0 && (<u32>handle != 0 || addressOf(handle) == 0)) trap(ERROR_UNKNOWN_BLOCK)
  error = handle
}

export function error_get(): u64 {
  return error
}

export function memory_bytes(): u64 {
  return (<u64>memory.size()) << 16
}

export function reset(): void {
  memory.fill(FREE_LISTS, 0, CLASSES * 4)
  reason = 0
  top = HEAP
  table = FIRST_TABLE
  tableLength = FIRST_TABLE_LENGTH
  nextIndex = 1
  freeIndex = 0
  input = output = error = 0
  inputAddress = inputSize = outputAddress = outputSize = 0
}

// What follows is for the host alone, in 32 bits because 64 cost a BigInt a call.

/** Forgets the last call and gives the address where the input of `size` bytes goes. */
export function host_begin(size: u32): u32 {
  reset()
  const handle = alloc(<u64>size)
  input_set(handle, <u64>size)
  return inputAddress
}

/** Address of a block, or 0. */
export function host_address(handle: u64): u32 {
  return <u32>handle == 0 ? addressOf(handle) : 0
}

/** Address of the output. */
export function host_output(): u32 {
  return outputAddress
}

/** Why the kernel trapped, or 0. */
export function host_fault(): i32 {
  return reason
}
