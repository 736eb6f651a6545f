// The committed kernel is what its source gives, and its blocks hold.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const committed = await readFile(new URL('../../src/runner/kernel.wasm', import.meta.url))

interface Kernel extends WebAssembly.Exports {
  alloc(size: bigint): bigint
  free(handle: bigint): void
  length(handle: bigint): bigint
  load_u8(handle: bigint): number
  load_u64(handle: bigint): bigint
  store_u8(handle: bigint, value: number): void
  store_u64(handle: bigint, value: bigint): void
  input_set(handle: bigint, size: bigint): void
  input_load_u64(offset: bigint): bigint
  output_set(handle: bigint, size: bigint): void
  output_length(): bigint
  error_set(handle: bigint): void
  error_get(): bigint
  memory_bytes(): bigint
  reset(): void
}

function createKernel(maxPages = 16): Kernel {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: maxPages })
  return new WebAssembly.Instance(new WebAssembly.Module(committed), { env: { memory } }).exports as Kernel
}

test('kernel.wasm is what kernel.as.ts compiles to', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wasmate-kernel-'))
  t.after(() => rm(folder, { recursive: true }))
  const build = fileURLToPath(new URL('../../src/runner/kernel.build.mjs', import.meta.url))
  await promisify(execFile)(process.execPath, [build, join(folder, 'kernel.wasm')])
  assert(committed.equals(await readFile(join(folder, 'kernel.wasm'))), `run \`node ${build}\``)
})

test('blocks keep what is written to them, whatever the order of sizes, frees and growth', () => {
  const kernel = createKernel(64)
  const blocks = new Map<bigint, { size: number; mark: number }>()
  let seed = 1
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let step = 0; step < 5_000; step++) {
    const size = 1 + random(step % 50 === 0 ? 20_000 : 200)
    const handle = kernel.alloc(BigInt(size))
    assert.equal(kernel.load_u8(handle + BigInt(size - 1)), 0)
    kernel.store_u8(handle, step % 256)
    kernel.store_u8(handle + BigInt(size - 1), step % 256)
    blocks.set(handle, { size, mark: step % 256 })
    const oldest = blocks.keys().next().value
    if (blocks.size > 100 + random(400) && oldest !== undefined) {
      kernel.free(oldest)
      blocks.delete(oldest)
      assert.equal(kernel.length(oldest), 0n)
    }
  }
  for (const [handle, { size, mark }] of blocks) {
    assert.equal(kernel.length(handle), BigInt(size))
    assert.equal(kernel.load_u8(handle), mark)
    assert.equal(kernel.load_u8(handle + BigInt(size - 1)), mark)
  }
})

test('a block can be used to its last byte and not beyond', () => {
  const kernel = createKernel()
  const block = kernel.alloc(16n)
  kernel.store_u64(block + 8n, 0x1122334455667788n)
  assert.equal(kernel.load_u64(block + 8n), 0x1122334455667788n)
  for (const wrong of [block + 9n, block + 16n, block - 1n, 0n, 77n << 32n, -1n]) {
    assert.throws(() => kernel.load_u64(wrong), WebAssembly.RuntimeError)
    assert.throws(() => kernel.store_u64(wrong, 1n), WebAssembly.RuntimeError)
  }
  assert.throws(() => kernel.output_set(block, 17n), WebAssembly.RuntimeError)
  assert.throws(() => kernel.output_set(block, -1n), WebAssembly.RuntimeError)
  assert.throws(() => kernel.input_set(block, 17n), WebAssembly.RuntimeError)
  assert.throws(() => kernel.error_set(block + 1n), WebAssembly.RuntimeError)
  assert.throws(() => kernel.input_load_u64(-8n), WebAssembly.RuntimeError)
})

test('what the host still reads is not let go by free', () => {
  const kernel = createKernel()
  const output = kernel.alloc(100n)
  const error = kernel.alloc(100n)
  kernel.output_set(output, 50n)
  kernel.error_set(error)
  for (const handle of [output, error]) kernel.free(handle)
  assert.equal(kernel.length(output), 100n)
  assert.equal(kernel.length(error), 100n)
  assert.equal(kernel.output_length(), 50n)
})

test('an allocation beyond the limit traps, and reset makes room again', () => {
  const kernel = createKernel(4)
  assert.throws(() => kernel.alloc(400_000n), WebAssembly.RuntimeError)
  kernel.reset()
  kernel.alloc(200_000n)
  assert.throws(() => kernel.alloc(200_000n), WebAssembly.RuntimeError)
  kernel.reset()
  kernel.alloc(200_000n)
  assert.equal(kernel.memory_bytes(), 4n * 65_536n)
})
