// Threads on demand, seen from the calls: how many there are, who waits for whom, and that no call runs twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision } from '../../src/runner/decisions.ts'
import { startEffects } from '../helpers/effects.ts'
import { compileC } from '../helpers/plugins.ts'
import { startRunner } from '../helpers/runner.ts'
import { until } from '../helpers/until.ts'

const plugin = await compileC(`static volatile int sink; static int calls;
EXPORT(quick) int quick(void) { say("quick"); return 0; }
EXPORT(spin) int spin(void) { for (;;) sink++; }
EXPORT(slow) int slow(void) { for (int i = 0; i < 40000000; i++) sink++; say("slow"); return 0; }
EXPORT(count) int count(void) { char s[3] = { (char)('0' + ++calls / 10), (char)('0' + calls % 10), 0 }; say(s); return 0; }
EXPORT(tell) int tell(void) {
  u64 n = host_input_length(), h = host_alloc(n);
  for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(i));
  host_http_request(h, 0); say("told"); return 0; }`)

const many = (count: number): undefined[] => Array.from({ length: count }, () => undefined)

test('there is no thread at first, one for the first call, and none again when nobody calls', async (t) => {
  const decisions: Decision[] = []
  const { runner, ask } = await startRunner(
    t,
    { plugin },
    { idleMs: 30, onDecision: (d) => decisions.push(d) },
  )
  await until(async () => runner.state.workers.idle === 0 && runner.state.workers.starting === 0)
  assert.equal(await ask({ export: 'quick' }), 'quick')
  await until(async () => decisions.filter(({ kind }) => kind === 'end').length === 2)
  const workers = { starting: 0, idle: 0, running: 0, ending: 0 }
  const { decided, ...state } = runner.state
  assert.deepEqual(state, { workers, functions: [] })
  const counted = decided.filter(({ count }) => count > 0)
  assert.deepEqual(
    counted.map(({ kind, cause, count }) => [kind, cause, count]),
    [
      ['start', 'ahead', 1],
      ['start', 'no_thread', 1],
      ['end', 'idle', 2],
    ],
  )
  assert.deepEqual(
    decisions.map(({ kind, cause, workers }) => [kind, cause, workers]),
    [
      ['start', 'ahead', 1],
      ['end', 'idle', 0],
      ['start', 'no_thread', 1],
      ['end', 'idle', 0],
    ],
  )
  assert.match(decisions[2]?.reason ?? '', /there is no thread/)
})

test('calls that wait bring more threads, up to the share of their function', async (t) => {
  const pool = { maxWorkers: 4, maxWorkersPerFunction: 3 }
  const { ask, runner } = await startRunner(t, { plugin }, pool)
  const effects = await startEffects(t, { held: true })
  const options = { allowedHosts: ['127.0.0.1'] }
  const busy = many(12).map((_, index) => {
    return ask({ export: 'tell', function: 'busy', options, input: effects.inputOf(`${index}`) })
  })
  // Another function is not held up by the one that takes all it may.
  await until(async () => runner.state.workers.running === 3)
  assert.equal(await ask({ export: 'quick', function: 'other' }), 'quick')
  assert.deepEqual(
    runner.state.functions.map(({ name, waiting, running }) => [name, waiting, running]),
    [['busy', 9, 3]],
  )
  effects.release()
  assert.deepEqual(await Promise.all(busy), many(12).fill('told' as never))
})

test('past the queue a call is refused at once, and the others are answered', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin }, { maxWorkers: 1, maxQueue: 5 })
  const waiting = many(5).map(() => ask({ export: 'slow' }))
  assert.match(await fail({ export: 'quick' }), /^QUEUE_FULL: plugin: 5 calls wait already/)
  assert.deepEqual(await Promise.all(waiting), many(5).fill('slow' as never))
})

test('a call that runs away fails alone: the others of its batch are answered, and each ran once', async (t) => {
  const { counts: told, inputOf } = await startEffects(t)
  const options = { timeoutMs: 300, allowedHosts: ['127.0.0.1'] }
  const { ask, fail } = await startRunner(t, { plugin }, { maxWorkers: 2 })
  // Quick ones first, so that batches of many calls are made.
  await Promise.all(many(200).map(() => ask({ export: 'quick', options })))
  const calls = many(120).map((_, index) => {
    if (index % 40 === 20) return fail({ export: 'spin', options })
    if (index % 10 !== 5) return ask({ export: 'quick', options })
    return ask({ export: 'tell', options, input: inputOf(`${index}`) })
  })
  const answers = await Promise.all(calls)
  assert.equal(answers.filter((answer) => /^CALL_TIMEOUT/.test(answer)).length, 3)
  assert.equal(answers.filter((answer) => answer === 'quick').length, 105)
  assert.equal(answers.filter((answer) => answer === 'told').length, 12)
  assert.deepEqual([...new Set(told.values())], [1])
  assert.equal(told.size, 12)
})

test('what was answered before a neighbour ran away is not asked for again', async (t) => {
  const { ask, fail } = await startRunner(t, { plugin }, { maxWorkers: 1 })
  await Promise.all(many(100).map(() => ask({ export: 'quick' })))
  const options = { timeoutMs: 200 }
  const counted = many(20).map(() => ask({ export: 'count', options }))
  const gone = fail({ export: 'spin', options })
  // Counted in the instance: a call that ran twice would leave a gap.
  assert.deepEqual(
    await Promise.all(counted),
    many(20).map((_, index) => String(index + 1).padStart(2, '0')),
  )
  assert.match(await gone, /^CALL_TIMEOUT/)
})

test('a new instance for each call remembers nothing of the last', async (t) => {
  const { ask } = await startRunner(t, { plugin }, { instances: 'fresh', maxWorkers: 1 })
  for (const _ of many(3)) assert.equal(await ask({ export: 'count' }), '01')
  const reused = await startRunner(t, { plugin }, { maxWorkers: 1 })
  assert.deepEqual(await Promise.all(many(3).map(() => reused.ask({ export: 'count' }))), ['01', '02', '03'])
})

test('a call whose caller went away while it waited is never begun', async (t) => {
  const { ask, invoke } = await startRunner(t, { plugin }, { maxWorkers: 1 })
  const slow = ask({ export: 'slow' })
  const gone = new AbortController()
  const counted = invoke({ export: 'count', signal: gone.signal })
  setTimeout(() => gone.abort(), 10)
  await assert.rejects(counted, { code: 'CANCELLED' })
  await slow
  assert.equal(await ask({ export: 'count' }), '01')
})

test('calls behind one that takes long are given to another thread, long before its limit', async (t) => {
  const { ask, invoke } = await startRunner(t, { plugin }, { maxWorkers: 2 })
  // Quick ones first, so that batches of many calls are made.
  await Promise.all(many(200).map(() => ask({ export: 'quick' })))
  const gone = new AbortController()
  const before = many(5).map(() => ask({ export: 'quick' }))
  const spin = invoke({ export: 'spin', signal: gone.signal, options: { timeoutMs: 2 ** 31 + 5 } })
  const behind = many(50).map(() => ask({ export: 'quick' }))
  assert.deepEqual(new Set(await Promise.all([...before, ...behind])), new Set(['quick']))
  gone.abort()
  await assert.rejects(spin, { code: 'CANCELLED' })
})

test('a runner that stops settles every call of thousands of functions', async (t) => {
  const { invoke, runner } = await startRunner(t, { plugin }, { maxWorkers: 1 })
  const spin = invoke({ export: 'spin' })
  const waiting = many(5_000).map((_, index) => invoke({ export: 'quick', function: `f-${index}` }))
  const settled = Promise.allSettled([spin, ...waiting])
  await until(async () => runner.state.functions.length > 4_096)
  await runner.stop()
  const codes = (await settled).map(
    (each) => each.status === 'rejected' && (each.reason as { code: string }).code,
  )
  // The thread may have begun some before the one that goes on for ever.
  assert.deepEqual([...new Set(codes)].sort(), ['CANCELLED'])
  assert.deepEqual(runner.state.functions, [])
})
