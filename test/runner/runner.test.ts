// What a caller of the runner observes: answers, exports, vars, logs, order, cancelling and stopping.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../src/base/log.ts'
import { maxUnnamed } from '../../src/runner/function-vars.ts'
import { Runner } from '../../src/runner/runner.ts'
import { assemblyScriptPlugin } from '../helpers/as-plugin.ts'
import { compileAssemblyScript, compileC } from '../helpers/plugins.ts'
import {
  defaultOptions,
  defaultPool,
  showError,
  sourceWorkerUrl,
  startRunner,
  workerUrl,
} from '../helpers/runner.ts'

const plugin = await compileAssemblyScript(assemblyScriptPlugin)
const single = await compileC(`EXPORT(only) int only(void) { say("only one"); return 0; }
  EXPORT(takes_one) int takes_one(int x) { return x; }`)
const spinning = await compileC(`static volatile int sink; EXPORT(spin) int spin(void) { for (;;) sink++; }
  EXPORT(quick) int quick(void) { say("quick"); return 0; }`)

test('a call gives the output, the CID and export that answered, and how long it took', async (t) => {
  const { invoke } = await startRunner(t, { plugin })
  const answer = await invoke({ export: 'greet', input: 'Zoë' })
  assert.equal(Buffer.from(answer.output).toString(), 'Hello, Zoë!')
  assert.equal(answer.cid, 'plugin')
  assert.equal(answer.export, 'greet')
  assert(answer.durationMs > 0)
})

test('input of any bytes and any size comes back as it went in', async (t) => {
  const { invoke } = await startRunner(t, { plugin })
  for (const size of [0, 1, 7, 8, 9, 65_536, 1_000_003]) {
    const input = Uint8Array.from({ length: size }, (_, index) => (index * 31) % 256)
    const { output } = await invoke({ export: 'echo', input })
    assert(Buffer.from(output).equals(input), `${size} bytes`)
  }
})

test('the input still belongs to the caller afterwards', async (t) => {
  const { runner } = await startRunner(t, { plugin })
  const input = new Uint8Array([1, 2, 3])
  const call = { function: 'f', cid: 'plugin', export: 'echo', input, options: defaultOptions }
  await runner.invoke(call)
  assert.deepEqual(input, new Uint8Array([1, 2, 3]))
})

test('an export without a return value and one without output both answer', async (t) => {
  const { ask } = await startRunner(t, { plugin })
  assert.equal(await ask({ export: 'plain' }), 'plain')
  assert.equal(await ask({ export: 'nothing' }), '')
})

test('a call without an export means the default one, or the only one there is', async (t) => {
  const { ask, fail, runner } = await startRunner(t, { plugin, single })
  assert.deepEqual(runner.exportsOf('single'), ['only'])
  assert.equal(await ask({ cid: 'single' }), 'only one')
  assert.equal(await ask({ defaultExport: 'greet', input: 'you' }), 'Hello, you!')
  assert.match(await fail({}), /^EXPORT_REQUIRED: greet, echo, /)
})

test('an export that is not there is refused with those that are', async (t) => {
  const { fail } = await startRunner(t, { single })
  assert.equal(await fail({ cid: 'single', export: 'other' }), 'EXPORT_NOT_FOUND: other; it has only')
  assert.equal(await fail({ cid: 'single', export: 'takes_one' }), 'EXPORT_NOT_FOUND: takes_one; it has only')
  assert.equal(await fail({ cid: 'single', defaultExport: 'gone' }), 'EXPORT_NOT_FOUND: gone; it has only')
})

test('a function that refuses is quoted, one that returns a code is told by it', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin })
  assert.equal(await fail({ export: 'refuses', input: 'x' }), 'CALL_FAILED: no: x')
  assert.equal(await fail({ export: 'refuses_with_zero' }), 'CALL_FAILED: said so')
  assert.equal(await fail({ export: 'fails' }), 'CALL_FAILED: it returned 7')
  assert.match(await fail({ export: 'traps', input: '5' }), /^CALL_TRAPPED: unreachable/)
  assert.equal(await ask({ export: 'greet', input: 'again' }), 'Hello, again!')
})

test('config is that of the call', async (t) => {
  const { ask } = await startRunner(t, { plugin })
  const asked = { export: 'setting', input: 'key' }
  assert.equal(await ask({ ...asked, options: { config: { key: 'one' } } }), 'one')
  assert.equal(await ask({ ...asked, options: { config: { key: 'two' } } }), 'two')
  assert.equal(await ask({ ...asked, input: 'constructor' }), '(none)')
})

test('log lines come with the answer, and reach the log under the name of the function', async (t) => {
  const seen: string[] = []
  const log = createLog((level, _part, message) => seen.push(`${level} ${message}`))
  const { invoke } = await startRunner(t, { plugin }, { log })
  const { logs } = await invoke({ function: 'f', export: 'logs' })
  assert.deepEqual(
    logs.map(({ level, message }) => `${level} ${message}`),
    ['debug d', 'info i', 'warn w', 'error e'],
  )
  assert.deepEqual(seen, ['debug f: d', 'info f: i', 'warn f: w', 'error f: e'])
})

test('vars belong to the function: kept from call to call and version to version, apart from others', async (t) => {
  const { ask } = await startRunner(t, { plugin, next: plugin })
  const counts = await Promise.all(Array.from({ length: 20 }, () => ask({ function: 'a', export: 'count' })))
  assert.deepEqual(
    counts,
    Array.from({ length: 20 }, (_, index) => String(index + 1)),
  )
  assert.equal(await ask({ function: 'b', export: 'count' }), '1')
  assert.equal(await ask({ function: 'a', cid: 'next', export: 'count' }), '21')
  assert.equal(await ask({ function: 'a', export: 'forget' }), 'forgotten')
  assert.equal(await ask({ function: 'a', cid: 'next', export: 'count' }), '1')
})

test('vars of a name stay, those of CIDs without a name as long as they are among the last that were called', async (t) => {
  const cids = Array.from({ length: maxUnnamed + 1 }, (_, index) => `cid ${index}`)
  const { ask } = await startRunner(t, Object.fromEntries(cids.map((cid) => [cid, plugin])), {
    maxWorkers: 1,
  })
  const count = (cid: string, name = cid): Promise<string> => ask({ function: name, cid, export: 'count' })
  assert.equal(await count('cid 0', 'named'), '1')
  assert.deepEqual(
    await Promise.all(cids.slice(0, -1).map((cid) => count(cid))),
    cids.slice(0, -1).map(() => '1'),
  )
  assert.equal(await count('cid 1'), '2')
  assert.equal(await count(`cid ${maxUnnamed}`), '1')
  assert.deepEqual([await count('cid 0'), await count('cid 1')], ['1', '3'])
  assert.equal(await count('cid 0', 'named'), '2')
})

test('a call that fails, traps or is ended leaves vars as they were', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin, spinning })
  assert.equal(await ask({ export: 'count' }), '1')
  assert.match(await fail({ export: 'count_and_refuse' }), /^CALL_FAILED: not this time/)
  assert.match(await fail({ export: 'count_and_trap' }), /^CALL_TRAPPED/)
  const options = { timeoutMs: 30 }
  assert.match(await fail({ function: 'plugin', cid: 'spinning', export: 'spin', options }), /^CALL_TIMEOUT/)
  assert.equal(await ask({ export: 'count' }), '2')
})

test('vars stay right when a function moves between workers', async (t) => {
  const { ask } = await startRunner(t, { plugin }, { maxWorkers: 3 })
  const rounds = Array.from({ length: 30 }, (_, index) => index)
  const names = ['a', 'b', 'c', 'd', 'e']
  const counts = await Promise.all(
    rounds.flatMap(() => names.map((name) => ask({ function: name, export: 'count' }))),
  )
  assert.equal(counts.filter((count) => count === '30').length, names.length)
})

test('more functions than a worker keeps instances of all answer, again and again', async (t) => {
  const { ask } = await startRunner(t, { plugin }, { maxWorkers: 1 })
  for (const round of ['1', '2']) {
    for (let index = 0; index < 20; index++) {
      assert.equal(await ask({ function: `f${index}`, export: 'count' }), round)
    }
  }
})

test('another memory limit than at loading holds for the call', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin })
  const input = new Uint8Array(2_000_000)
  assert.match(await fail({ export: 'echo', input, options: { maxMemoryBytes: 1_048_576 } }), /^MEMORY_LIMIT/)
  assert.equal(
    (await ask({ export: 'echo', input, options: { maxMemoryBytes: 64 << 20 } })).length,
    input.length,
  )
})

test('an abort ends the call that runs and withdraws the one that waits', async (t) => {
  const { ask, fail, invoke } = await startRunner(t, { spinning }, { maxWorkers: 1 })
  const running = new AbortController()
  const waiting = new AbortController()
  const first = fail({ cid: 'spinning', export: 'spin', signal: running.signal })
  const second = fail({ cid: 'spinning', export: 'quick', signal: waiting.signal })
  const third = ask({ cid: 'spinning', export: 'quick' })
  waiting.abort()
  assert.match(await second, /^CANCELLED/)
  running.abort()
  assert.match(await first, /^CANCELLED/)
  assert.equal(await third, 'quick')
  await assert.rejects(invoke({ cid: 'spinning', export: 'quick', signal: AbortSignal.abort() }), {
    code: 'CANCELLED',
  })
})

test('idle workers are let go, and the next call has a new one', async (t) => {
  const { ask } = await startRunner(t, { plugin }, { idleMs: 0 })
  assert.equal(await ask({ export: 'count' }), '1')
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(await ask({ export: 'count' }), '2')
})

test('a stop rejects what runs and what waits, in any state, and as often as it is asked for', async (t) => {
  const { fail, runner } = await startRunner(t, { spinning }, { maxWorkers: 1 })
  const calls = [fail({ cid: 'spinning', export: 'spin' }), fail({ cid: 'spinning', export: 'quick' })]
  await new Promise((resolve) => setTimeout(resolve, 20))
  await Promise.all([runner.stop(), runner.stop()])
  for (const error of await Promise.all(calls)) assert.equal(error, 'CANCELLED: the runner is stopped')
  await runner.stop()
  assert.match(await fail({ cid: 'spinning', export: 'quick' }), /^CANCELLED/)
})

test('the worker runs from its source as well', async (t) => {
  const options = { ...defaultPool, maxWorkers: 1, idleMs: 1_000, log: createLog(() => undefined) }
  const runner = new Runner({ ...options, workerUrl: sourceWorkerUrl })
  t.after(() => runner.stop())
  await runner.load('single', single, defaultOptions)
  const call = { function: 'f', cid: 'single', input: new Uint8Array(), options: defaultOptions }
  assert.equal(Buffer.from((await runner.invoke(call)).output).toString(), 'only one')
})

test('a runner that never started stops too, and one that can not start a worker says why', async () => {
  const options = { ...defaultPool, maxWorkers: 1, idleMs: 1_000, log: createLog(() => undefined) }
  await new Runner({ ...options, workerUrl }).stop()
  const broken = new Runner({ ...options, workerUrl: new URL('missing.mjs', import.meta.url) })
  await broken.load('single', single, defaultOptions)
  const call = { function: 'f', cid: 'single', input: new Uint8Array(), options: defaultOptions }
  assert.match(await showError(broken.invoke(call)), /^INTERNAL: a worker thread ended: .*missing\.mjs/)
  await broken.stop()
})
