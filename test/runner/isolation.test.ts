// Calls that run away, each kind beside a steady stream of innocent ones: these are all answered, and run once.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Effects, startEffects } from '../helpers/effects.ts'
import { hostilePlugin, startPlugins, tablesPlugin, varsPlugin } from '../helpers/hostile.ts'
import { compileC } from '../helpers/plugins.ts'
import { type Asked, type TestRunner, type TestRunnerOptions, startRunner } from '../helpers/runner.ts'

const options = { timeoutMs: 10_000, allowedHosts: ['127.0.0.1'] }
const modules = { plugin: hostilePlugin, vars: varsPlugin, tables: tablesPlugin, ...startPlugins }

interface Stage extends TestRunner {
  effects: Effects
}

async function setUp(
  t: TestContext,
  more: Record<string, Uint8Array> = {},
  pool: TestRunnerOptions = {},
): Promise<Stage> {
  const runner = await startRunner(t, { ...modules, ...more }, { maxWorkers: 2, ...pool })
  const effects = await startEffects(t)
  // Quick ones first, so that batches of many calls are made.
  await Promise.all(Array.from({ length: 100 }, () => runner.ask({ export: 'quick', options })))
  return { ...runner, effects }
}

/** Gives what the bad calls ended with; every innocent one has been answered rightly, its effect had once. */
async function runBeside({ ask, fail, effects }: Stage, bad: Asked): Promise<string[]> {
  const ended: Promise<string>[] = []
  const innocent: Promise<string>[] = []
  const limited = { timeoutMs: 150, allowedHosts: ['127.0.0.1'], ...bad.options }
  for (let index = 0; index < 90; index++) {
    if (index % 30 === 10) ended.push(fail({ ...bad, options: limited }))
    const name = ['plugin', 'other', 'third'][index % 3] ?? ''
    const tells = index % 9 < 3
    const input = tells ? effects.inputOf(`${index}`) : `input ${index}`
    innocent.push(ask({ function: name, export: tells ? 'tell' : 'echo', input, options }))
    // In waves, so that some come while a bad one runs.
    if (index % 15 === 14) await innocent.at(-1)
  }
  for (const [index, answer] of (await Promise.all(innocent)).entries()) {
    assert.equal(answer, index % 9 < 3 ? 'told' : `input ${index}`)
  }
  effects.counts.delete('giant')
  assert.deepEqual([effects.counts.size, new Set(effects.counts.values())], [30, new Set([1])])
  return Promise.all(ended)
}

const kinds: [kind: string, bad: Asked, outcome: RegExp][] = [
  ['loops for ever', { export: 'spin' }, /^CALL_TIMEOUT: it ran for 150 ms$/],
  ['grows its memory for ever', { export: 'grow' }, /^MEMORY_LIMIT: /],
  ['recurses for ever', { export: 'recurse' }, /^CALL_TRAPPED: stack overflow/],
  ['allocates host memory for ever', { export: 'hoard' }, /^MEMORY_LIMIT: /],
  ['traps', { export: 'stop' }, /^CALL_TRAPPED: unreachable/],
  ['sets an error of 8 MB', { export: 'errors' }, /^CALL_FAILED: e{65536}$/],
  ['logs 4 MB for ever', { export: 'shout' }, /^CALL_TIMEOUT/],
  ['writes large vars for ever', { cid: 'vars', export: 'vars' }, /^CALL_TIMEOUT/],
  ['grows a table for ever', { cid: 'tables', export: 'tables' }, /^(MEMORY_LIMIT|CALL_TIMEOUT)/],
  ...Object.keys(startPlugins).map((cid): [string, Asked, RegExp] => {
    const outcome = cid.endsWith('spins') ? /^CALL_TIMEOUT/ : /^CALL_TRAPPED: unreachable/
    return [`${cid} in start-up`, { cid, export: 'quick' }, outcome]
  }),
]

for (const [kind, bad, outcome] of kinds) {
  test(`beside a function that ${kind}, all others are answered, once each`, async (t) => {
    for (const ended of await runBeside(await setUp(t), bad)) assert.match(ended, outcome)
  })
}

test('an answer to http_request without an end fails its own call', async (t) => {
  const stage = await setUp(t)
  const bad = { export: 'tell', input: stage.effects.inputOf('giant'), options: { timeoutMs: 10_000 } }
  for (const ended of await runBeside(stage, bad)) assert.match(ended, /^MEMORY_LIMIT: http_request/)
})

const hostFunctions = fileURLToPath(new URL('../fixtures/hostile-host.mjs', import.meta.url))
const caller = await compileC(`
#define USER(name) __attribute__((import_module("extism:host/user"), import_name(#name)))
USER(leave) void host_leave(void); USER(devour) void host_devour(void);
EXPORT(leave) int leave(void) { host_leave(); return 0; }
EXPORT(devour) int devour(void) { host_devour(); return 0; }`)

for (const [name, outcome] of [
  ['leave', /^INTERNAL: a worker thread exited with code 3/],
  ['devour', /^MEMORY_LIMIT: what the host keeps for it/],
] as const) {
  test(`a thread that dies under a call fails that call alone (${name})`, async (t) => {
    const stage = await setUp(t, { caller }, { hostFunctions })
    const bad = { cid: 'caller', export: name, options: { timeoutMs: 20_000 } }
    for (const ended of await runBeside(stage, bad)) assert.match(ended, outcome)
  })
}
