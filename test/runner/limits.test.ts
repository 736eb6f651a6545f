// A memory section held to a limit, and nothing else of the module changed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspectWasm } from '../../src/base/wasm/inspect.ts'
import { readSections } from '../../src/base/wasm/reader.ts'
import { capMemory } from '../../src/runner/limits.ts'
import { compileC } from '../helpers/plugins.ts'

const source = 'EXPORT(go) int go(void) { return 0; }'
const page = 65_536

function otherSections(bytes: Uint8Array): string[] {
  const others = [...readSections(bytes)].filter(({ id }) => id !== 5)
  return others.map(({ header, end }) => Buffer.from(bytes.subarray(header, end)).toString('hex'))
}

test('a module without a maximum gets one, and all else stays as it is', async () => {
  const bytes = await compileC(source)
  const capped = capMemory(bytes, 300 * page + 5)
  assert.deepEqual(
    inspectWasm(capped).memories.map(({ maxPages }) => maxPages),
    [300],
  )
  assert.deepEqual(otherSections(capped), otherSections(bytes))
})

test('a higher maximum is lowered, a lower one and the bytes themselves are left alone', async () => {
  const bytes = await compileC(source, ['-Wl,--max-memory=6553600'])
  assert.equal(inspectWasm(capMemory(bytes, 50 * page)).memories[0]?.maxPages, 50)
  assert.equal(capMemory(bytes, 200 * page), bytes)
})

test('growth stops at the limit', async () => {
  const bytes = await compileC(source)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(capMemory(bytes, 10 * page))))
  const memory = instance.exports['memory']
  assert(memory instanceof WebAssembly.Memory)
  memory.grow(10 - memory.buffer.byteLength / page)
  assert.throws(() => memory.grow(1), RangeError)
})

test('a module without a memory is left as it is', () => {
  const empty = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  assert.equal(capMemory(empty, page), empty)
})

test('more memory than the limit from the start is refused, and so are several memories', async () => {
  const bytes = await compileC(source)
  assert.throws(() => capMemory(bytes, page), { code: 'MEMORY_LIMIT' })
  const two = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 1, 0, 1])
  assert.throws(() => capMemory(two, 10 * page), { code: 'WASM_INVALID' })
})
