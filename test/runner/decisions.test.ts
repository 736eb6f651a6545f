// Why threads come and go and calls are refused, as the metrics count it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { type Decision, causes } from '../../src/runner/decisions.ts'
import { compileC } from '../helpers/plugins.ts'
import { type TestRunner, type TestRunnerOptions, startRunner } from '../helpers/runner.ts'
import { until } from '../helpers/until.ts'

const plugin = await compileC(`static volatile int sink;
EXPORT(quick) int quick(void) { say("quick"); return 0; }
EXPORT(slow) int slow(void) { for (int i = 0; i < 100000000; i++) sink++; say("slow"); return 0; }
EXPORT(spin) int spin(void) { for (;;) sink++; }`)

/** A runner whose first thread is there, and what it decided since. */
async function watch(
  t: TestContext,
  options: TestRunnerOptions,
): Promise<TestRunner & { decided: () => string[] }> {
  const decisions: Decision[] = []
  const running = await startRunner(t, { plugin }, { ...options, onDecision: (d) => decisions.push(d) })
  await until(async () => running.runner.state.workers.idle === 1)
  return { ...running, decided: () => decisions.map(({ kind, cause }) => `${kind} ${cause}`) }
}

test('a thread that ends with its call is replaced when it was the last', async (t) => {
  const { fail, decided } = await watch(t, { maxWorkers: 1 })
  assert.match(await fail({ export: 'spin', options: { timeoutMs: 100 } }), /^CALL_TIMEOUT/)
  await until(async () => decided().length === 3)
  assert.deepEqual(decided(), ['start ahead', 'end timeout', 'start replace'])
})

test('a call that nobody waits for any more ends its thread, and not as one over its time', async (t) => {
  const { runner, invoke, decided } = await watch(t, { maxWorkers: 1 })
  // One that is taken back before its thread has looked at it is passed over: then another is asked for.
  while (decided().length === 1) {
    const gone = new AbortController()
    const asked = assert.rejects(invoke({ export: 'spin', signal: gone.signal }), { code: 'CANCELLED' })
    await until(async () => runner.state.workers.running === 1)
    gone.abort()
    await asked
    await until(async () => decided().length === 3 || runner.state.workers.idle === 1)
  }
  assert.deepEqual(decided(), ['start ahead', 'end cancelled', 'start replace'])
})

test('a call that waits brings a thread, one past the queue is refused, and a stop ends both threads', async (t) => {
  const { runner, ask, fail, decided } = await watch(t, { maxWorkers: 2, maxQueue: 1 })
  const first = ask({ export: 'slow' })
  await until(async () => runner.state.workers.running === 1)
  const second = ask({ export: 'slow' })
  assert.match(await fail({ export: 'quick' }), /^QUEUE_FULL/)
  assert.deepEqual(await Promise.all([first, second]), ['slow', 'slow'])
  await until(async () => decided().includes('start wait'))
  await runner.stop()
  assert.deepEqual(decided(), ['start ahead', 'refuse queue_full', 'start wait', 'end stop', 'end stop'])
})

test('the docs list each cause', () => {
  const docs = readFileSync(new URL('../../docs/runner.md', import.meta.url), 'utf8')
  const rows = [...docs.matchAll(/^\| `(start|end|refuse)`\s*\| `(\w+)`/gm)].map(
    ([, kind, cause]) => `${kind} ${cause}`,
  )
  const known = Object.entries(causes).flatMap(([kind, of]) => of.map((cause) => `${kind} ${cause}`))
  assert.deepEqual(rows, known)
})
