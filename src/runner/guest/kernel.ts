// The host's side of the kernel: one memory, its blocks as bytes, and why it trapped.

import { WasmateError } from '../../base/errors.ts'
import { toPages } from '../limits.ts'

/** What kernel.wasm exports; i64 comes as bigint. */
interface KernelExports extends Record<string, CallableFunction> {
  alloc(size: bigint): bigint
  length(handle: bigint): bigint
  error_get(): bigint
  output_length(): bigint
  host_begin(size: number): number
  host_address(handle: bigint): number
  host_output(): number
  host_fault(): number
}

/** What the Extism ABI lets a function import from the kernel; the rest of extism:host/env is the host's. */
export const kernelImports = [
  ...['alloc', 'free', 'length', 'length_unsafe', 'load_u8', 'load_u64', 'store_u8', 'store_u64'],
  ...['input_set', 'input_offset', 'input_length', 'input_load_u8', 'input_load_u64'],
  ...['output_set', 'output_offset', 'output_length', 'error_set', 'error_get', 'memory_bytes', 'reset'],
] as const

const maxErrorBytes = 64 * 1024

const faults: Record<number, string> = {
  2: 'it reached outside a block of host memory',
  3: 'it read beyond its input',
  4: 'output_set names more than its block holds',
  5: 'error_set names no block',
}

export class Kernel {
  readonly exports: KernelExports
  readonly #memory: WebAssembly.Memory
  readonly #maxMemoryBytes: number
  #bytes: Uint8Array

  constructor(module: WebAssembly.Module, maxMemoryBytes: number) {
    this.#maxMemoryBytes = maxMemoryBytes
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: toPages(maxMemoryBytes) })
    this.#bytes = new Uint8Array(this.#memory.buffer)
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } })
    this.exports = instance.exports as unknown as KernelExports
  }

  /** Forgets the last call and takes the input of the next. */
  begin(input: Uint8Array): void {
    const address = this.#run(() => this.exports.host_begin(input.length)) >>> 0
    this.#view().set(input, address)
  }

  /** A copy, its buffer its own. */
  output(): Uint8Array {
    const address = this.exports.host_output() >>> 0
    const size = Number(this.exports.output_length())
    return this.#view().slice(address, address + size)
  }

  /** What the function left with error_set, the first 64 KiB of it. */
  error(): string | undefined {
    const handle = this.exports.error_get()
    return handle === 0n ? undefined : this.readText(handle, maxErrorBytes)
  }

  /** A copy of a block, or of its first `maxBytes`; undefined when the handle names none. */
  read(handle: bigint, maxBytes = Infinity): Uint8Array | undefined {
    const address = this.exports.host_address(handle) >>> 0
    if (address === 0) return undefined
    const size = Math.min(Number(this.exports.length(handle)), maxBytes)
    return this.#view().slice(address, address + size)
  }

  readText(handle: bigint, maxBytes = Infinity): string {
    return new TextDecoder().decode(this.read(handle, maxBytes))
  }

  /** Gives the handle of a new block; throws MEMORY_LIMIT. */
  write(bytes: Uint8Array): bigint {
    const handle = this.#run(() => this.exports.alloc(BigInt(bytes.length)))
    this.#view().set(bytes, this.exports.host_address(handle) >>> 0)
    return handle
  }

  writeText(text: string): bigint {
    return this.write(new TextEncoder().encode(text))
  }

  /** Why the kernel trapped during this call, as an error; undefined when it did not. */
  fault(cause: unknown): WasmateError | undefined {
    const reason = this.exports.host_fault()
    if (reason === 0) return undefined
    if (reason > 1) return new WasmateError('CALL_TRAPPED', faults[reason], { cause })
    const detail = `input, output and other blocks took more than ${this.#maxMemoryBytes} bytes`
    return new WasmateError('MEMORY_LIMIT', detail, { cause })
  }

  #run<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.fault(error) ?? error
    }
  }

  // A memory that grows leaves its old buffer detached.
  #view(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer)
    return this.#bytes
  }
}
