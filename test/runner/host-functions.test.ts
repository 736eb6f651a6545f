// Functions of the embedder: what a plugin that imports them observes, here and on the Extism SDK.

import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import createPlugin from '@extism/extism'
import { compileC } from '../helpers/plugins.ts'
import { defaultOptions, defaultPool, showError, startRunner, workerUrl } from '../helpers/runner.ts'
import { silentLog } from '../../src/base/log.ts'
import { Runner } from '../../src/runner/runner.ts'

const path = fileURLToPath(new URL('../fixtures/host-functions.mjs', import.meta.url))

const plugin = await compileC(`
#define USER(name) __attribute__((import_module("extism:host/user"), import_name(#name)))
USER(shout) u64 user_shout(u64); USER(add) u64 user_add(u64, u64); USER(refuse) u64 user_refuse(void);
USER(later) u64 user_later(void);
static void put(u64 h) { host_output_set(h, host_length(h)); }
EXPORT(loud) int loud(void) { put(user_shout(text("quiet"))); return 0; }
EXPORT(sum) int sum(void) { char s[2] = { (char)('0' + user_add(3, 4)), 0 }; say(s); return 0; }
EXPORT(refused) int refused(void) { put(user_refuse()); return 0; }
EXPORT(late) int late(void) { put(user_later()); return 0; }
`)

test('a plugin calls functions of the host, with the answers that it gets on the Extism SDK', async (t) => {
  const { ask } = await startRunner(t, { plugin }, { hostFunctions: path })
  const { functions } = (await import(path)) as { functions: Record<string, Record<string, () => unknown>> }
  const reference = await createPlugin({ wasm: [{ data: plugin }] }, { useWasi: true, functions })
  for (const name of ['loud', 'sum']) {
    assert.equal(await ask({ export: name }), (await reference.call(name))?.text(), name)
  }
  assert.equal(await ask({ export: 'loud' }), 'QUIET')
  await reference.close()
})

test('what a host function throws is the error of that call alone', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin }, { hostFunctions: path })
  assert.equal(await fail({ export: 'refused' }), 'CALL_FAILED: host function refuse: not today')
  assert.match(await fail({ export: 'late' }), /^CALL_FAILED: host function later gave a promise/)
  assert.equal(await ask({ export: 'sum' }), '7')
})

test('a plugin that imports a function which the host has not is refused by its name', async (t) => {
  const { runner } = await startRunner(t, {})
  const refusal = await showError(runner.load('plugin', plugin, defaultOptions))
  assert.match(refusal, /^WASM_IMPORT_UNKNOWN: function extism:host\/user shout/)
})

test('a plugin that imports what every object has is refused as well, whatever the host has', async (t) => {
  const named =
    await compileC(`__attribute__((import_module("__proto__"), import_name("toString"))) u64 named(void);
    EXPORT(run) int run(void) { return (int)named(); }`)
  for (const given of [{}, { hostFunctions: path }]) {
    const { runner } = await startRunner(t, {}, given)
    const refusal = await showError(runner.load('named', named, defaultOptions))
    assert.equal(refusal, 'WASM_IMPORT_UNKNOWN: function __proto__ toString')
  }
})

test('host functions that can not be loaded are told when the runner starts', async () => {
  for (const hostFunctions of [
    '/nowhere/functions.mjs',
    workerUrl.pathname.replace(/[^/]+$/, 'kernel.wasm'),
  ]) {
    const runner = new Runner({ ...defaultPool, workerUrl, log: silentLog, hostFunctions })
    assert.match(await showError(runner.start()), /^CONFIG_INVALID: wasmate\.runner\.hostFunctions: /)
    await runner.stop()
  }
})
