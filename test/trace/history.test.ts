// What is remembered of calls: in which order, how much of it, and what a restart and a damaged file leave.

import assert from 'node:assert/strict'
import { appendFile, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { WasmateError, toProblem } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { type Call, History, type HistoryOptions } from '../../src/trace/history.ts'
import { isWhole } from '../../src/trace/kept-bytes.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const callOf = (target: string, input: string | Uint8Array = 'in'): Call => ({
  ...{ at: 1_700_000_000_000, via: 'editor', target, cid: 'bafk', export: 'run', logs: [], durationMs: 0.1 },
  input: Buffer.from(input),
  output: Buffer.from(`${target} out`),
})

async function openHistory(t: TestContext, options: Partial<HistoryOptions> = {}): Promise<History> {
  const path = options.path ?? join(await temporaryFolder(t), 'history.journal')
  const history = new History({ log: silentLog, ...options, path })
  await history.open()
  t.after(() => history.close())
  return history
}

test('the newest comes first, page by page, of all targets or of one', async (t) => {
  const history = await openHistory(t)
  for (const target of ['a', 'b', 'a', 'b', 'a']) history.add(callOf(target))
  const [first, second] = history.list({ limit: 2 })
  assert.deepEqual([first?.id, second?.id], [5, 4])
  assert.deepEqual(
    history.list({ limit: 9, before: second?.id ?? 0 }).map(({ id }) => id),
    [3, 2, 1],
  )
  assert.deepEqual(
    history.list({ limit: 9, target: 'a' }).map(({ id }) => id),
    [5, 3, 1],
  )
  assert.equal(Buffer.from(history.find(2)?.output?.base64 ?? '', 'base64').toString(), 'b out')
  assert.equal(history.find(99), undefined)
})

test('a restart brings back what was there, and ids go on', async (t) => {
  const path = join(await temporaryFolder(t), 'history.journal')
  const before = await openHistory(t, { path })
  before.add(callOf('a'))
  before.add({ ...callOf('b'), problem: undefined, version: 3 })
  await before.close()
  // Called while the file was not read yet.
  const after = new History({ path, log: silentLog })
  after.add(callOf('early'))
  await after.open()
  after.add(callOf('late'))
  await after.close()
  const again = await openHistory(t, { path })
  assert.deepEqual(
    again.list({ limit: 9 }).map(({ id, target, version }) => [id, target, version]),
    [
      [4, 'late', undefined],
      [3, 'early', undefined],
      [2, 'b', 3],
      [1, 'a', undefined],
    ],
  )
})

test('of a large body the size is kept and the beginning, and it says so', async (t) => {
  const history = await openHistory(t)
  const { input, output } = history.add(callOf('a', new Uint8Array(1_000_000).fill(7)))
  assert.equal(input.size, 1_000_000)
  assert.equal(isWhole(input), false)
  assert.ok(Buffer.from(input.base64, 'base64').every((byte) => byte === 7))
  assert.equal(output && isWhole(output), true)
})

test('the oldest go when there are too many or too large ones, also from the file', async (t) => {
  const path = join(await temporaryFolder(t), 'history.journal')
  const history = await openHistory(t, { path, maxRecords: 50, maxBytes: 100_000 })
  for (let index = 1; index <= 500; index++) history.add(callOf(`f${index}`))
  assert.deepEqual(
    history.list({ limit: 1_000 }).map(({ id }) => id),
    Array.from({ length: 50 }, (_, index) => 500 - index),
  )
  for (let index = 0; index < 10; index++) history.add(callOf('large', new Uint8Array(30_000)))
  assert.equal(history.list({ limit: 1_000 }).length, 2)
  await history.close()
  assert.ok((await stat(path)).size < 400_000)
  const again = await openHistory(t, { path, maxRecords: 50, maxBytes: 100_000 })
  assert.equal(again.list({ limit: 1 })[0]?.id, 510)
})

test('host calls and places in the source are kept over a restart', async (t) => {
  const path = join(await temporaryFolder(t), 'history.journal')
  const before = await openHistory(t, { path })
  const calls = [{ kind: 'var' as const, name: 'var_get', atMs: 0.1, tookMs: 0.01, asked: 'n', failed: true }]
  const diagnostics = [{ file: 'a.ts', line: 1, column: 2, message: 'wrong', severity: 'error' as const }]
  const problem = { ...toProblem(new WasmateError('CALL_FAILED', 'no')), diagnostics }
  const added = before.add({ ...callOf('a'), host: { calls, dropped: 3 }, problem })
  await before.close()
  const after = await openHistory(t, { path })
  assert.deepEqual(after.find(added.id), added)
})

test('a damaged file is set aside, and what is intact of it stays', async (t) => {
  const path = join(await temporaryFolder(t), 'history.journal')
  const before = await openHistory(t, { path })
  before.add(callOf('a'))
  await before.close()
  await appendFile(path, '12345678 {"not":"a record"}\nmore\n')
  const after = await openHistory(t, { path })
  assert.deepEqual(
    after.list({ limit: 9 }).map(({ target }) => target),
    ['a'],
  )
})

test('cleared, it is empty at once and after a restart', async (t) => {
  const path = join(await temporaryFolder(t), 'history.journal')
  const history = await openHistory(t, { path })
  for (let index = 0; index < 20; index++) history.add(callOf('a'))
  await history.clear()
  assert.deepEqual(history.list({ limit: 9 }), [])
  assert.equal(await readFile(path, 'utf8'), '')
  history.add(callOf('b'))
  await history.close()
  const again = await openHistory(t, { path })
  assert.deepEqual(
    again.list({ limit: 9 }).map(({ target }) => target),
    ['b'],
  )
})

test('who listens is told of each, until he does not listen any more', async (t) => {
  const history = await openHistory(t)
  const told: string[] = []
  const deaf = history.listen(({ target }) => told.push(target))
  history.add(callOf('a'))
  deaf()
  history.add(callOf('b'))
  assert.deepEqual(told, ['a'])
})
