// Random mixes of calls, good and bad, for some seconds: each settles once and rightly, and nothing happens twice.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { WasmateError } from '../../src/base/errors.ts'
import { type Effects, startEffects } from '../helpers/effects.ts'
import { hostilePlugin } from '../helpers/hostile.ts'
import { type Asked, startRunner } from '../helpers/runner.ts'

const forMs = 3_000

interface Drawn {
  asked: Asked
  /** What it must come to, output or `CODE`. */
  answer: string | Uint8Array
  /** Of the call that has an effect. */
  effect?: string
  /** Its caller goes away after so many milliseconds. */
  goneMs?: number
}

/** Numbers 0 to 1 that are the same for the same seed, so that a failure can be had again. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function draw(random: () => number, id: string, { inputOf }: Effects): Drawn {
  const options = { timeoutMs: 20_000, allowedHosts: ['127.0.0.1'] }
  const timeoutMs = 20 + Math.floor(random() * 60)
  const name = `f-${Math.floor(random() * 4)}`
  const common = { function: name, options }
  const gone = random() < 0.1 ? { goneMs: Math.floor(random() * 40) } : {}
  const kind = random()
  if (kind < 0.3) return { asked: { ...common, export: 'quick' }, answer: 'quick', ...gone }
  if (kind < 0.55) {
    const large = random() < 0.05
    const input = randomBytes(Math.floor(random() * (large ? 900_000 : 3_000)))
    return { asked: { ...common, export: 'echo', input }, answer: input, ...gone }
  }
  if (kind < 0.8) {
    return { asked: { ...common, export: 'tell', input: inputOf(id) }, answer: 'told', effect: id, ...gone }
  }
  if (kind < 0.85) return { asked: { ...common, export: 'slow' }, answer: 'slow', ...gone }
  if (kind < 0.88)
    return { asked: { ...common, export: 'spin', options: { timeoutMs } }, answer: 'CALL_TIMEOUT' }
  if (kind < 0.92) return { asked: { ...common, export: 'stop' }, answer: 'CALL_TRAPPED' }
  if (kind < 0.96) return { asked: { ...common, export: 'recurse' }, answer: 'CALL_TRAPPED' }
  return { asked: { ...common, export: 'grow' }, answer: 'MEMORY_LIMIT' }
}

for (const instances of ['reuse', 'fresh'] as const) {
  test(`whatever runs beside whatever, each call settles rightly and happens once at most (${instances})`, async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    t.diagnostic(`seed ${seed}`)
    const random = createRandom(seed)
    const effects = await startEffects(t)
    const pool = { instances, maxWorkers: 3, maxWorkersPerFunction: 2, idleMs: 20 }
    const { invoke, runner } = await startRunner(t, { plugin: hostilePlugin }, pool)
    const settled = { count: 0, asked: 0, answered: new Set<string>() }

    const call = async (): Promise<void> => {
      const id = `${settled.asked++}`
      const { asked, answer, effect, goneMs } = draw(random, id, effects)
      const gone = new AbortController()
      const leave = goneMs === undefined ? undefined : setTimeout(() => gone.abort(), goneMs)
      const came = await invoke({ ...asked, signal: gone.signal }).then(
        ({ output }) => Buffer.from(output),
        (error: unknown) => (error as WasmateError).code,
      )
      clearTimeout(leave)
      settled.count++
      if (typeof came === 'string') {
        const codes = goneMs === undefined ? [String(answer)] : [String(answer), 'CANCELLED']
        assert.ok(codes.includes(came), `${asked.export}: ${came}`)
        return
      }
      assert.ok(
        came.equals(Buffer.from(answer)),
        `${asked.export} answered ${came.subarray(0, 20).toString()}`,
      )
      if (effect !== undefined) settled.answered.add(effect)
    }

    const until = performance.now() + forMs
    while (performance.now() < until) {
      await Promise.all(Array.from({ length: 1 + Math.floor(random() * 60) }, call))
      // Now and then long enough for every thread to be let go.
      if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 60))
    }
    const last = Promise.allSettled(Array.from({ length: 100 }, call))
    await runner.stop()
    await last
    assert.equal(settled.count, settled.asked)
    assert.deepEqual(runner.state.workers, { starting: 0, idle: 0, running: 0, ending: 0 })
    for (const [id, count] of effects.counts)
      assert.equal(count, 1, `call ${id} had its effect ${count} times`)
    for (const id of settled.answered) assert.equal(effects.counts.get(id), 1, `call ${id} had no effect`)
  })
}
