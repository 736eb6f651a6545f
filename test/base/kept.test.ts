// Made once for all who ask; after a failure made again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kept } from '../../src/base/kept.ts'

test('all who ask get the same, also those who ask while it is made', async () => {
  let made = 0
  const kept = new Kept(async () => ++made)
  assert.deepEqual(await Promise.all([kept.get(), kept.get()]), [1, 1])
  assert.equal(await kept.get(), 1)
})

test('a failure is told to those who waited, and the next one tries again', async () => {
  let tries = 0
  const kept = new Kept(async () => {
    if (++tries === 1) throw new Error('not yet')
    return tries
  })
  await assert.rejects(Promise.all([kept.get(), kept.get()]), { message: 'not yet' })
  assert.equal(await kept.get(), 2)
})
