// Of a few calls all are taken; of many so few that what they cost is a small share of the time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sampler } from '../../../src/emulator/receipts/sampler.ts'

/** Calls at an even pace for some seconds; gives how many were taken in each. */
function run(options: {
  perSecond: number
  costMs: number
  seconds: number
  maxPerSecond?: number
}): number[] {
  let now = 0
  const sampler = new Sampler({ maxPerSecond: options.maxPerSecond ?? 20, now: () => now })
  const taken = Array.from({ length: options.seconds }, () => 0)
  for (let index = 0; index < options.perSecond * options.seconds; index++) {
    now = (index * 1000) / options.perSecond
    if (!sampler.take()) continue
    const second = Math.floor(now / 1000)
    taken[second] = (taken[second] ?? 0) + 1
    sampler.spent(options.costMs)
  }
  return taken
}

test('a call now and then is always taken', () => {
  assert.deepEqual(
    run({ perSecond: 2, costMs: 9, seconds: 10 }),
    Array.from({ length: 10 }, () => 2),
  )
})

test('of ten thousand a second no more than the limit', () => {
  assert.deepEqual(run({ perSecond: 10_000, costMs: 0.5, seconds: 3 }), [20, 20, 20])
  assert.deepEqual(run({ perSecond: 10_000, costMs: 0.5, seconds: 2, maxPerSecond: 0 }), [0, 0])
})

test('what takes long is taken seldom, once what was saved is spent', () => {
  const taken = run({ perSecond: 1_000, costMs: 40, seconds: 30 })
  const late = taken.slice(10).reduce((sum, count) => sum + count, 0)
  assert.ok(late >= 8 && late <= 12, `${taken.join(' ')}`)
})
