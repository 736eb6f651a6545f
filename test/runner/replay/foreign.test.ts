// Receipts and modules of somebody else, replayed beside calls of one's own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { HostEvent } from '../../../src/recording.ts'
import { compileC } from '../../helpers/plugins.ts'
import { cameOf, record } from '../../helpers/replays.ts'
import { defaultOptions, startRunner } from '../../helpers/runner.ts'
import { compileSamples } from '../../helpers/samples.ts'

const hostFunctions = fileURLToPath(new URL('../../fixtures/host-functions.mjs', import.meta.url))

const foreign = await compileC(`
__attribute__((import_module("__proto__"), import_name("toJSON"))) u64 named(u64);
EXPORT(run) int run(void) { return (int)named(1) - 7; }`)

test('a module that imports what every object has is answered by its receipt, and changes no call after it', async (t) => {
  const { c } = await compileSamples()
  const started = await startRunner(t, { c }, { hostFunctions, maxWorkers: 1, maxWorkersPerFunction: 1 })
  const events: HostEvent[] = [
    { call: 'function', module: '__proto__', name: 'toJSON', asked: ['1n'], stored: [], answer: '7n' },
  ]
  const before = await record(started, { cid: 'c', export: 'world' })
  const outcome = await started.runner.replays.run({
    ...{ cid: 'foreign', bytes: foreign, export: 'run', input: Buffer.from(''), metered: false },
    options: {
      ...defaultOptions,
      timeoutMs: Number.MAX_SAFE_INTEGER,
      maxMemoryBytes: Number.MAX_SAFE_INTEGER,
    },
    script: { events, vars: { read: [], bytes: Number.MAX_SAFE_INTEGER }, matching: 'strict' },
  })
  assert.equal(cameOf(outcome), '')
  const after = await record(started, { cid: 'c', export: 'world' })
  const calls = ({ recording }: typeof before): string[] => recording.events.map(({ call }) => call)
  assert.deepEqual(calls(after), calls(before))
})
