// What a module is seen to hold, and what is said of bytes that are no module.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { WasmateError } from '../../../src/base/errors.ts'
import { callableExports, inspectWasm } from '../../../src/base/wasm/inspect.ts'

const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)]
}

function section(id: number, ...content: number[]): number[] {
  return [id, content.length, ...content]
}

function vector(...items: number[][]): number[] {
  return [items.length, ...items.flat()]
}

const i32 = 0x7f
const i64 = 0x7e
const types = section(
  1,
  ...vector(
    [0x60, 0, 0],
    [0x60, 0, 1, i32],
    [0x60, 1, i32, 0],
    [0x60, 0, 1, i64],
    [0x60, 2, i32, i64, 2, i32, 0x70],
  ),
)
const imports = section(
  2,
  ...vector(
    [...text('extism:host/env'), ...text('alloc'), 0, 2],
    [...text('env'), ...text('memory'), 2, 1, 1, 0x90, 0x01],
    [...text('env'), ...text('table'), 1, 0x70, 0, 3],
    [...text('env'), ...text('base'), 3, i32, 0],
  ),
)
const functions = section(3, ...vector([0], [1], [3], [4]))
const exportNames = ['nothing', 'code', 'wide', 'several']
const exports_ = section(
  7,
  ...vector(
    [...text('imported'), 0, 0],
    ...exportNames.map((name, index) => [...text(name), 0, index + 1]),
    [...text('_start'), 0, 1],
    [...text('_initialize'), 0, 1],
    [...text('hs_init'), 0, 1],
    [...text('__wasm_call_ctors'), 0, 1],
    [...text('memory'), 2, 0],
  ),
)
const unreachable = [3, 0, 0x00, 0x0b]
const code = section(10, ...vector(unreachable, unreachable, unreachable, unreachable))
const mixed = Uint8Array.from([...preamble, ...types, ...imports, ...functions, ...exports_, ...code])

function refusal(bytes: Uint8Array): string {
  try {
    inspectWasm(bytes)
  } catch (error) {
    assert(error instanceof WasmateError)
    assert.equal(error.code, 'WASM_INVALID')
    return error.detail ?? ''
  }
  return assert.fail('it was accepted')
}

test('exports, imports and memories of a module are told', () => {
  const info = inspectWasm(mixed)
  assert.deepEqual(info.functionExports.slice(0, 5), [
    { name: 'imported', params: 1, results: [] },
    { name: 'nothing', params: 0, results: [] },
    { name: 'code', params: 0, results: ['i32'] },
    { name: 'wide', params: 0, results: ['i64'] },
    { name: 'several', params: 2, results: ['i32', 'other'] },
  ])
  assert.deepEqual(info.imports, [
    { module: 'extism:host/env', name: 'alloc', kind: 'function' },
    { module: 'env', name: 'memory', kind: 'memory' },
    { module: 'env', name: 'table', kind: 'table' },
    { module: 'env', name: 'base', kind: 'global' },
  ])
  assert.deepEqual(info.memories, [{ minPages: 1, maxPages: 144, is64: false, imported: true }])
})

test('only exports without parameters that return nothing or an i32 can be called, start-up code not', () => {
  assert.deepEqual(callableExports(inspectWasm(mixed)), ['nothing', 'code'])
})

test('an own memory without a maximum has none', () => {
  const info = inspectWasm(Uint8Array.from([...preamble, ...section(5, ...vector([0, 2]))]))
  assert.deepEqual(info.memories, [{ minPages: 2, is64: false, imported: false }])
})

test('an empty module holds nothing and can still be read', () => {
  assert.deepEqual(callableExports(inspectWasm(Uint8Array.from(preamble))), [])
})

test('a module in the middle of a larger buffer is read where it is', () => {
  const padded = new Uint8Array(mixed.length + 20)
  padded.set(mixed, 7)
  const info = inspectWasm(padded.subarray(7, 7 + mixed.length))
  assert.deepEqual(callableExports(info), ['nothing', 'code'])
})

test('bytes that are no module are named for what they are', () => {
  assert.match(refusal(new Uint8Array()), /empty/)
  assert.match(refusal(Buffer.from('<!DOCTYPE html><html></html>')), /HTML.*<!DOCTYPE/)
  assert.match(refusal(Buffer.from('hello there')), /text: "hello there"/)
  assert.match(refusal(Buffer.from('(module (func))')), /WAT/)
  assert.match(refusal(gzipSync(mixed)), /gzip/)
  assert.match(refusal(Uint8Array.from([1, 2, 3, 0xff])), /binary data that starts with 010203ff/)
})

test('a component, another version and a file that breaks off are told apart', () => {
  assert.match(refusal(Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])), /component/)
  assert.match(refusal(Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0])), /version is 2/)
  assert.match(refusal(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1])), /first 8 bytes/)
})

test('a module that does not validate is refused with the reason', () => {
  assert.match(refusal(mixed.subarray(0, mixed.length - 3)), /extends past end|expected|offset|@\+/)
  const endless = [0x02, 0x00, 0x0b]
  const wrong = [...preamble, ...section(1, ...vector([0x60, 0, 1, i32])), ...section(3, 1, 0)]
  assert.match(refusal(Uint8Array.from([...wrong, ...section(10, ...vector(endless))])), /\S/)
})
