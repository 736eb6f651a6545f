// A metered copy computes the same and counts what it runs; what can't be counted is refused with its reason.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuelExport, meterModule } from '../../../../src/base/wasm/metering/meter.ts'
import { compileC } from '../../../helpers/plugins.ts'

type Called = (...numbers: number[]) => number

function instantiate(bytes: Uint8Array): { call: Called; fuel: () => bigint } {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)
  const imports: Record<string, Record<string, () => number>> = {}
  for (const entry of WebAssembly.Module.imports(module)) (imports[entry.module] ??= {})[entry.name] = () => 0
  const { exports } = new WebAssembly.Instance(module, imports)
  const counter = exports[fuelExport] as WebAssembly.Global | undefined
  return { call: exports['run'] as Called, fuel: () => (counter?.value as bigint | undefined) ?? 0n }
}

/** Sections by id and content, behind the preamble. */
function moduleOf(...sections: [id: number, content: number[]][]): Uint8Array {
  const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
  return Uint8Array.from([...preamble, ...sections.flatMap(([id, all]) => [id, all.length, ...all])])
}

const noParameters: [number, number[]] = [1, [1, 0x60, 0, 1, 0x7f]]
const oneFunction: [number, number[]] = [3, [1, 0]]
const exported: [number, number[]] = [7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]]
const body = (...code: number[]): [number, number[]] => [10, [1, code.length + 2, 0, ...code, 0x0b]]

test('a count is that of the instructions, by hand', async () => {
  // i32.const 1, i32.const 2, i32.add, end
  const { call, fuel } = instantiate(
    await meterModule(moduleOf(noParameters, oneFunction, exported, body(0x41, 1, 0x41, 2, 0x6a))),
  )
  assert.equal(call(), 3)
  assert.equal(fuel(), 4n)
  call()
  assert.equal(fuel(), 8n)
})

test('loops, branches, tables, tail calls and SIMD come to the same, and the count grows with the work', async () => {
  const source = `
#include <wasm_simd128.h>
static int twice(int n) { return n * 2; } static int half(int n) { return n / 2; }
static int (*const table[])(int) = { twice, half };
static unsigned long long much[512];
EXPORT(run) int run(int n) { int sum = 0; for (int i = 0; i < n; i++) { switch (i % 5) { case 0: sum += table[i & 1](i); break;
  case 1: continue; case 2: sum ^= i; break; default: if (i & 8) sum -= 3; else sum += 7; } }
  __builtin_memset(much, n, sizeof much); v128_t v = wasm_i32x4_splat(sum); v = wasm_i32x4_add(v, wasm_v128_load(much));
  v = wasm_i8x16_shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
  return wasm_i32x4_extract_lane(v, 2) + (int)much[n % 512]; }`
  const bytes = await compileC(source, [...['-msimd128', '-mbulk-memory', '-mtail-call']])
  const [plain, metered] = [instantiate(bytes), instantiate(await meterModule(bytes))]
  const counts = [0, 1, 7, 100, 1_000].map((n) => {
    const before = metered.fuel()
    assert.equal(metered.call(n), plain.call(n), `${n}`)
    return metered.fuel() - before
  })
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => Number(a - b)),
  )
  assert.ok(Number(counts[4]) > 5_000)
})

test('what can not be counted is refused, and says what it is', async () => {
  const refusals: [Uint8Array, RegExp][] = [
    [moduleOf(noParameters, oneFunction, [13, [1, 0, 0]], exported, body(0x41, 1)), /exception handling/],
    [moduleOf(noParameters, oneFunction, exported, body(0x1f, 0x40, 0, 0x0b, 0x41, 1)), /exception handling/],
    [moduleOf(noParameters, oneFunction, exported, body(0xfb, 0x1c, 0x41, 1)), /garbage collection/],
    [moduleOf(noParameters, oneFunction, exported, body(0xfe, 0x10, 2, 0)), /threads/],
    [moduleOf(noParameters, oneFunction, exported, body(0x14, 0)), /typed function references/],
    [moduleOf(noParameters, oneFunction, exported, body(0x41, 0, 0x28, 0x42, 1, 0)), /several memories/],
  ]
  for (const [bytes, reason] of refusals) {
    await assert.rejects(meterModule(bytes), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'FUEL_REFUSED')
      assert.match(error.message, reason)
      return true
    })
  }
})

test('a module that exports a counter itself is refused; cut off bytes are no module', async () => {
  const name = Buffer.from(fuelExport)
  const own: [number, number[]] = [7, [1, name.length, ...name, 0, 0]]
  await assert.rejects(
    meterModule(moduleOf(noParameters, oneFunction, own, body(0x41, 1))),
    /FUEL_REFUSED|itself/,
  )
  const whole = moduleOf(noParameters, oneFunction, exported, body(0x41, 1, 0x41, 2, 0x6a))
  for (let length = 9; length < whole.length; length++) {
    try {
      await meterModule(whole.subarray(0, length))
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'WASM_INVALID')
    }
  }
})

test('a module of some megabytes is copied in turns, between which others have theirs', async () => {
  const long = (value: number): number[] =>
    [0, 7, 14].map((bits) => ((value >> bits) & 0x7f) | 0x80).concat(0)
  const count = 60_000
  const code = [0, ...Array.from({ length: 8 }, () => [0x41, 1, 0x1a]).flat(), 0x41, 1, 0x0b]
  const parts = [
    [...moduleOf(noParameters)],
    [3, ...long(count + 4), ...long(count), ...new Uint8Array(count)],
    [7, 7, ...exported[1]],
    [10, ...long(count * (code.length + 1) + 4), ...long(count)],
    Array.from({ length: count }, () => [code.length, ...code]).flat(),
  ]
  let turns = 0
  let isDone = false
  const others = (): unknown => isDone || (turns++, setImmediate(others))
  setImmediate(others)
  const { call, fuel } = instantiate(await meterModule(Uint8Array.from(parts.flat())))
  isDone = true
  assert.ok(turns > 2, `${turns}`)
  assert.equal(call(), 1)
  assert.equal(fuel(), 18n)
})
