// What the pool and a thread know of each other through the ledger, both played here by one thread.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Entry, Ledger, maxBatch } from '../../src/runner/ledger.ts'

function createPair(): { pool: Ledger; thread: Ledger } {
  const pool = new Ledger()
  pool.open()
  return { pool, thread: new Ledger(pool.buffer) }
}

const answer = (size: number): Entry => {
  return { kind: 'answer', durationMs: 1.5, output: new Uint8Array(size).fill(7), logs: [] }
}

test('a call that has begun is known, and after a stop none begins', () => {
  const { pool, thread } = createPair()
  assert.equal(pool.running(), undefined)
  assert.equal(thread.begin(0), true)
  assert.equal(pool.running()?.index, 0)
  pool.askToStop(true)
  assert.equal(pool.running()?.index, 0)
  assert.equal(thread.write(answer(0)), true)
  assert.equal(pool.running(), undefined)
  assert.equal(thread.begin(1), false)
  assert.equal(pool.running(), undefined)
  pool.askToStop(false)
  assert.equal(thread.begin(1), true)
  assert.equal(pool.running()?.index, 1)
})

test('a call that is taken back is passed over, and the next one begins', () => {
  const { pool, thread } = createPair()
  pool.withdraw(0)
  assert.equal(thread.isWithdrawn(0), true)
  thread.write({ kind: 'withdrawn' })
  assert.equal(thread.isWithdrawn(1), false)
  assert.equal(thread.begin(1), true)
  assert.equal(pool.running()?.index, 1)
  thread.write(answer(3))
  assert.deepEqual(
    pool.take().map(({ kind }) => kind),
    ['withdrawn', 'answer'],
  )
})

test('outputs of no bytes, words and failures are read as they were written, each once', () => {
  const { pool, thread } = createPair()
  const entries: Entry[] = [
    answer(0),
    { kind: 'answer', durationMs: 0, output: Uint8Array.of(1), logs: [{ level: 'info', message: 'Zoë' }] },
    { kind: 'failure', durationMs: 2, code: 'CALL_FAILED', detail: '', logs: [] },
  ]
  for (const [index, entry] of entries.entries()) {
    assert.equal(thread.begin(index), true)
    assert.equal(thread.write(entry), true)
  }
  assert.deepEqual(
    pool.take(),
    entries.map((entry) => ({ ...entry, host: undefined })),
  )
  assert.deepEqual(pool.take(), [])
  pool.open()
  assert.equal(pool.running(), undefined)
  assert.deepEqual(pool.take(), [])
})

test('a full ledger refuses what does not fit, and still notes every call of the batch', () => {
  const { pool, thread } = createPair()
  for (let index = 0; index < maxBatch; index++) {
    assert.equal(thread.begin(index), true)
    if (!thread.write(answer(20_000))) assert.equal(thread.write({ kind: 'posted' }), true)
  }
  const kinds = pool.take().map(({ kind }) => kind)
  assert.equal(kinds.length, maxBatch)
  assert.ok(kinds.includes('answer') && kinds.includes('posted'))
  assert.equal(createPair().thread.write(answer(600_000)), false)
})
