// What is told of recorded calls that are replayed before a deployment, and that no replay stops or delays it for long.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError } from '../../../src/base/errors.ts'
import { type Replayed, replayBefore } from '../../../src/flows/deploying/replayed.ts'
import type { AgainstReport } from '../../../src/flows/replay/against.ts'
import { compareOutputs } from '../../../src/flows/replay/compare.ts'
import type { Came, ReplayReport } from '../../../src/flows/replay/replay.ts'
import type { Context } from '../../../src/model.ts'

const module = 'bafkreiasked'
const output: Came = { output: { size: 3, base64: '' } }

function reportOf(more: Partial<ReplayReport>): ReplayReport {
  return {
    ...{ receipt: 'baguqeera', module, function: 'greet', export: 'run', at: 0, same: false },
    ...{ recorded: output, replayed: output, faithful: true, unfaithful: [], recordedMs: 1, replayedMs: 1 },
    ...more,
  }
}

function sumUp(found: Partial<AgainstReport>): Promise<Replayed | undefined> {
  const none = { function: 'greet', module, same: 0, changed: 0, reports: [], skipped: [] }
  return replayBefore(async () => ({ ...none, ...found }), {})
}

async function differenceOf(more: Partial<ReplayReport>): Promise<string | undefined> {
  const replayed = await sumUp({ changed: 1, reports: [reportOf({ same: true }), reportOf(more)] })
  return replayed && 'first' in replayed ? replayed.first?.difference : undefined
}

const compared = (before: string, after: string): Partial<ReplayReport> => ({
  difference: compareOutputs(Buffer.from(before), Buffer.from(after)),
})

test('nothing is told without an emulator, and without recorded calls', async () => {
  assert.equal(await replayBefore(async () => undefined, {}), undefined)
  assert.equal(await sumUp({}), undefined)
})

test('the first difference is told in a few short lines', async () => {
  assert.equal(
    await differenceOf(compared('{"b":1,"a":2}', '{"a":3,"b":1}')),
    ' {\n-  "a": 2,\n+  "a": 3,\n   "b": 1\n }',
  )
  const lines = Array.from({ length: 40 }, (_, index) => `${index}`)
  const apart = lines.map((line) => (['5', '35'].includes(line) ? 'x' : line))
  assert.equal(await differenceOf(compared(lines.join('\n'), apart.join('\n'))), ' 3\n 4\n-5\n+x\n 6\n 7\n…')
  const [line = '', ...rest] = (await differenceOf(compared('a'.repeat(5_000), 'b')))?.split('\n') ?? []
  assert.equal(line, `-${'a'.repeat(99)}…`)
  assert.deepEqual(rest, ['+b'])
})

test('a call that asks its host for something else, or fails now, is told by that', async () => {
  assert.equal(
    await differenceOf({ diverged: { index: 1, expected: 'http GET /a' }, replayed: undefined }),
    'host call 2\n-http GET /a\n+the end of the call',
  )
  const replayed: Came = { problem: { code: 'CALL_FAILED', detail: 'unreachable' } }
  assert.equal(await differenceOf({ replayed }), '-3 B\n+CALL_FAILED: unreachable')
  const early = { diverged: { index: 0, expected: 'http GET /a' }, replayed }
  assert.equal(await differenceOf(early), '-3 B\n+CALL_FAILED: unreachable')
})

test('a replay that fails or takes too long, is told and stops nothing', async () => {
  const failing = await replayBefore(
    () => Promise.reject(new WasmateError('EMULATOR_STARTING', 'process 1')),
    {},
  )
  assert.match(JSON.stringify(failing), /^\{"failed":".*process 1"\}$/)
  const endless = (_last: number, { signal }: Context): Promise<AgainstReport> =>
    new Promise((_resolve, reject) =>
      signal?.addEventListener('abort', () => reject(new WasmateError('CANCELLED'))),
    )
  assert.deepEqual(await replayBefore(endless, {}, 10), { failed: 'it took longer than 0.01 s' })
  const given = new AbortController()
  const stopped = replayBefore(endless, { signal: given.signal })
  given.abort()
  await assert.rejects(stopped, { code: 'CANCELLED' })
})
