import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Teardown } from '../../src/base/teardown.ts'

test('steps are undone newest first, each once, however often it is run', async () => {
  const undone: string[] = []
  const teardown = new Teardown()
  teardown.defer(() => undone.push('first'))
  teardown.defer(async () => undone.push('second'))
  await Promise.all([teardown.run(), teardown.run()])
  await teardown.run()
  assert.deepEqual(undone, ['second', 'first'])
})

test('every step is undone even when one fails, and the first failure is thrown', async () => {
  const undone: string[] = []
  const teardown = new Teardown()
  teardown.defer(() => undone.push('kept'))
  teardown.defer(() => Promise.reject(new Error('second failure')))
  teardown.defer(() => Promise.reject(new Error('first failure')))
  await assert.rejects(teardown.run(), { message: 'first failure' })
  assert.deepEqual(undone, ['kept'])
})

test('what is deferred after the teardown began is undone too', async () => {
  const undone: string[] = []
  const teardown = new Teardown()
  const running = teardown.run()
  teardown.defer(() => undone.push('late'))
  await running
  await teardown.run()
  assert.deepEqual(undone, ['late'])
})

test('what is deferred after a teardown that failed is undone all the same', async () => {
  const undone: string[] = []
  const teardown = new Teardown()
  teardown.defer(() => Promise.reject(new Error('fails')))
  await assert.rejects(teardown.run(), { message: 'fails' })
  teardown.defer(() => undone.push('late'))
  await assert.rejects(teardown.run(), { message: 'fails' })
  assert.deepEqual(undone, ['late'])
})
