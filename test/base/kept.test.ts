// Made once for all who ask; after a failure made again. Of many the last are kept.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kept, Recent } from '../../src/base/kept.ts'

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

test('of more than there is room for, the one that was asked for longest ago goes', () => {
  const recent = new Recent<number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  assert.equal(recent.get('a'), 1)
  recent.set('c', 3)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => recent.get(key)),
    [1, undefined, 3],
  )
  recent.set('c', 4)
  recent.drop('a', 4)
  recent.drop('c', 4)
  assert.deepEqual([recent.get('a'), recent.get('c')], [1, undefined])
})
