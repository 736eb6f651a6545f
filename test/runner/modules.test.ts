// What loading refuses, and that it is done once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Modules } from '../../src/runner/modules.ts'
import { compileC } from '../helpers/plugins.ts'
import { showError } from '../helpers/runner.ts'

const mebibyte = 1024 * 1024
const good = await compileC('EXPORT(good) int good(void) { return 0; }')

function load(bytes: Uint8Array, maxMemoryBytes = 16 * mebibyte): Promise<string> {
  return showError(new Modules().load('cid', bytes, maxMemoryBytes))
}

test('a module is known by its CID until it is unloaded', async () => {
  const modules = new Modules()
  await Promise.all([modules.load('cid', good, mebibyte), modules.load('cid', good, mebibyte)])
  assert(modules.has('cid'))
  assert.deepEqual(modules.exportsOf('cid'), ['good'])
  assert.ok((await modules.get('cid', mebibyte)).module === (await modules.get('cid', mebibyte)).module)
  assert.ok((await modules.get('cid', mebibyte)).module !== (await modules.get('cid', 2 * mebibyte)).module)
  assert.ok(
    (await modules.get('cid', 2 * mebibyte)).module === (await modules.get('cid', 2 * mebibyte)).module,
  )
  modules.unload('cid')
  assert(!modules.has('cid'))
  assert.equal(modules.exportsOf('cid'), undefined)
})

test('imports that nobody provides are named', async () => {
  const imports = `__attribute__((import_module("env"), import_name("launch"))) void launch(void);
    __attribute__((import_module("extism:host/env"), import_name("teleport"))) void teleport(void);
    EXPORT(go) int go(void) { launch(); teleport(); return 0; }`
  const detail = 'function env launch, function extism:host/env teleport'
  assert.equal(await load(await compileC(imports)), `WASM_IMPORT_UNKNOWN: ${detail}`)
})

test('an imported memory is refused', async () => {
  const bytes = await compileC('EXPORT(go) int go(void) { return 0; }', ['-Wl,--import-memory'])
  assert.equal(await load(bytes), 'WASM_IMPORT_UNKNOWN: memory env memory')
})

test('a module with nothing to call is refused with what it exports instead', async () => {
  const bytes = await compileC('EXPORT(add) int add(int a, int b) { return a + b; }')
  assert.match(await load(bytes), /^WASM_NO_EXPORTS: it exports add \(2 parameters, returns i32\)/)
})

test('a module that starts with more memory than its limit is refused', async () => {
  const bytes = await compileC('EXPORT(go) int go(void) { return 0; }', ['-Wl,--initial-memory=4194304'])
  assert.equal(
    await load(bytes, 2 * mebibyte),
    'MEMORY_LIMIT: the module starts with 4194304 bytes, and its limit is 2097152',
  )
})

test('bytes that are no module, and modules that do not validate, are refused', async () => {
  assert.match(await load(Buffer.from('<html>')), /^WASM_INVALID: these bytes are HTML/)
  const broken = Uint8Array.from(good)
  const code = Buffer.from(broken).lastIndexOf(Buffer.from([0x41, 0x00, 0x0b]))
  broken[code] = 0x42
  assert.match(await load(broken), /^WASM_INVALID: Compiling function.*expected i32, got i64/)
})
