// Plugins that others have built (with TinyGo, Rust, Haskell, Go and C), as they come with the Extism SDK for Go.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { type Calls, compare } from '../helpers/reference.ts'
import { startEffects } from '../helpers/effects.ts'
import { startRunner } from '../helpers/runner.ts'

const { stdout } = await promisify(execFile)('go', [
  'mod',
  'download',
  '-json',
  'github.com/extism/go-sdk@v1.7.1',
])
const folder = join((JSON.parse(stdout) as { Dir: string }).Dir, 'wasm')

const load = (name: string): Promise<Uint8Array> => readFile(join(folder, `${name}.wasm`))

const same: Record<string, Calls> = {
  hello: [['run_test', '']],
  alloc: [['run_test', '']],
  noop: [['run_test', '']],
  fail: [['run_test', 'x']],
  config: [['run_test', '']],
  println: [['run_test', '']],
  replace: [
    ['run_test', 'Wasmate and Zoë'],
    ['run_test', ''],
  ],
  var: [['run_test', '']],
  sleep: [['run_test', '']],
  input_offset: [['input_offset_length', 'eleven bytes']],
  read_write: [['try_read', '']],
  hello_haskell: [
    ['testing', 'Zoë'],
    ['testing', ''],
  ],
  count_vowels: [['count_vowels', 'hello world']],
}

for (const [name, calls] of Object.entries(same)) {
  test(`${name}.wasm answers here as on the Extism SDK`, async (t) => {
    await compare(t, await load(name), calls)
  })
}

test('a call without an export means the one that its author wrote, not those of the compiler', async (t) => {
  const { ask } = await startRunner(t, { plugin: await load('replace') })
  assert.equal(await ask({ input: 'TinyGo' }), 'TinyGo')
})

test('vars last from call to call, as on the SDK for Go', async (t) => {
  const { ask } = await startRunner(t, { plugin: await load('count_vowels') })
  const totals: unknown[] = []
  for (const input of ['hello world', '', 'aeiou']) {
    totals.push((JSON.parse(await ask({ input })) as { total: number }).total)
  }
  assert.deepEqual(totals, [3, 3, 8])
})

test('a command is run by its start, anew for each call', async (t) => {
  const { ask, runner } = await startRunner(t, { plugin: await load('count_vowels_std') }, { maxWorkers: 1 })
  assert.deepEqual(runner.exportsOf('plugin'), ['_start'])
  for (const [input, count] of [
    ['hello world', 3],
    ['', 0],
    ['aeiou', 5],
  ] as const) {
    assert.equal((JSON.parse(await ask({ input })) as { count: number }).count, count)
  }
})

test('a command that leaves with a code fails with that code', async (t) => {
  const { fail } = await startRunner(t, { plugin: await load('exit') })
  assert.match(await fail({}), /^CALL_FAILED: it exited with code 2/)
})

test('what it logs comes with its level', async (t) => {
  const { invoke } = await startRunner(t, { plugin: await load('log') })
  const levels = (await invoke({ export: 'run_test' })).logs.map(({ level }) => level)
  assert.deepEqual([...new Set(levels)].sort(), ['debug', 'error', 'info', 'trace', 'warn'])
})

test('http_request is refused to a host that is not allowed; an allowed one gives body, status and headers', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin: await load('http_headers') })
  const { inputOf } = await startEffects(t)
  assert.match(await fail({ input: inputOf('page') }), /^CALL_FAILED: http_request to 127.0.0.1 is refused/)
  const headers = await ask({ input: inputOf('page'), options: { allowedHosts: ['127.0.0.1'] } })
  assert.equal((JSON.parse(headers) as Record<string, string>)['content-length'], '2')
})

test('what needs functions that nobody has is refused by their names', async (t) => {
  const { runner } = await startRunner(t, {})
  for (const [name, missing] of [
    ['host', /mult/],
    ['main', /lib capitalize/],
    ['host_memory', /to_upper/],
  ] as const) {
    const loaded = runner.load(name, await load(name), { timeoutMs: 1, maxMemoryBytes: 16 << 20 })
    await assert.rejects(loaded, { code: 'WASM_IMPORT_UNKNOWN', detail: missing })
  }
})
