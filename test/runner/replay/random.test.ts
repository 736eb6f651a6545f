// A thousand executions of the samples of each language, of whatever export, with whatever input: each replays equal,
// byte for byte, and its instructions are as many each time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eachLimited } from '../../../src/base/limited.ts'
import { cameOf, record, replay } from '../../helpers/replays.ts'
import { startRunner } from '../../helpers/runner.ts'
import { type SampleName, compileSamples, sampleNames } from '../../helpers/samples.ts'

const hostFunctions = fileURLToPath(new URL('../../fixtures/host-functions.mjs', import.meta.url))
const samples = await compileSamples()
const [executions, counted] = [1_000, 50]

const exportsOf: Record<SampleName, string[]> = {
  as: [
    ...[
      'greet',
      'echo',
      'nothing',
      'plain',
      'setting',
      'count',
      'count_and_refuse',
      'count_and_trap',
      'forget',
    ],
    ...['refuses', 'refuses_with_zero', 'fails', 'traps', 'logs', 'too_short', 'calls_so_far'],
  ],
  c: ['world', 'shout', 'refused', 'fetch', 'headers'],
  go: ['greet', 'calls_so_far', 'refuse', 'panics', 'exits', 'leaves', 'prints'],
}

/** Mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

for (const language of sampleNames) {
  test(`${executions} random executions in ${language} replay equal`, { timeout: 300_000 }, async (t) => {
    const seed = Date.now() % 2 ** 31
    const next = random(seed)
    const started = await startRunner(t, { [language]: samples[language] }, { hostFunctions })
    const asked = Array.from({ length: executions }, () => {
      const names = exportsOf[language]
      const input = Buffer.from(Array.from({ length: Math.floor(next() ** 3 * 300) }, () => next() * 256))
      const name = names[Math.floor(next() * names.length)] ?? ''
      // Bytes, or text that names something.
      return { cid: language, export: name, input: next() < 0.5 ? input : Buffer.from(`${input.length % 7}`) }
    })
    const config = { 0: 'none', 3: 'three' }
    await eachLimited([...asked.entries()], 4, async ([index, call]) => {
      const what = `seed ${seed}, execution ${index}: ${call.export}`
      const recorded = await record(started, { ...call, options: { config } })
      assert.equal(cameOf(await replay(started, recorded, { config })), recorded.came, what)
      if (index % (executions / counted) !== 0) return
      const [one, other] = [
        await replay(started, recorded, { config, metered: true }),
        await replay(started, recorded, { config, metered: true }),
      ]
      assert.ok(one.fuel !== undefined && one.fuel === other.fuel, `${what}: ${one.fuel}, ${other.fuel}`)
    })
  })
}
