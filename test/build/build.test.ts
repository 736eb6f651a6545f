import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findSource } from '../../src/build/source.ts'
import { limits, makeBuilder, makeSource } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

/** (module (func (export "f"))) */
const tiny = Buffer.from(
  '0061736d01000000010401600000030201000705010166000 00a040102000b'.replaceAll(' ', ''),
  'hex',
)

test('a ready module is taken as it is', async (t) => {
  const parent = await temporaryFolder(t)
  const path = join(parent, 'greet.wasm')
  await writeFile(path, tiny)
  const module = await makeBuilder(t).compile(await findSource(path, limits))
  assert.deepEqual(module.bytes, tiny)
  assert.deepEqual(module.exports, ['f'])
  assert.equal(module.toolchain, undefined)
})

test('a ready module that is none is refused', async (t) => {
  const parent = await temporaryFolder(t)
  const builder = makeBuilder(t)
  for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), tiny.subarray(0, 20)]) {
    const path = join(parent, 'bad.wasm')
    await writeFile(path, bytes)
    await assert.rejects(builder.compile(await findSource(path, limits)), { code: 'WASM_INVALID' })
  }
  const path = join(parent, 'empty.wasm')
  await writeFile(path, tiny.subarray(0, 8))
  await assert.rejects(builder.compile(await findSource(path, limits)), { code: 'WASM_NO_EXPORTS' })
})

test('a language without a toolchain is refused', async (t) => {
  const source = await makeSource(await temporaryFolder(t), 'f', { 'main.c': '' })
  await assert.rejects(makeBuilder(t).compile({ ...source, language: 'cobol' }), {
    code: 'LANGUAGE_UNKNOWN',
    message: /cobol/,
  })
})

test('check tells of each language whether it can be used', async (t) => {
  const reports = await makeBuilder(t).check()
  assert.deepEqual(
    reports.map(({ language }) => language),
    ['assemblyscript', 'c', 'wasm'],
  )
  for (const { detail } of reports) assert.ok(detail.length > 0)
})
