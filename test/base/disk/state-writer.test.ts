// A value that changes often, in a file that is written as seldom as that allows.

import assert from 'node:assert/strict'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { StateWriter } from '../../../src/base/disk/state-writer.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

test('what changes while a write runs is in the next one, and every save is told when it is written', async (context) => {
  const path = join(await temporaryFolder(context), 'state.json')
  let value = 0
  let reads = 0
  const writer = new StateWriter(path, () => {
    reads++
    return value
  })
  const saves = Array.from({ length: 50 }, () => {
    value++
    return writer.save()
  })
  await Promise.all(saves)
  assert.equal(await readFile(path, 'utf8'), '50\n')
  assert.ok(reads <= 2, `${reads} writes`)
})

test('a large value is written without a rest when that is asked for', async (context) => {
  const path = join(await temporaryFolder(context), 'state.json')
  let value = ['x'.repeat(30_000_000)]
  const writer = new StateWriter(path, () => value)
  await writer.save()
  value = ['last']
  const saved = writer.save()
  await writer.flush()
  await saved
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), ['last'])
})

test('a write that failed is told and spoils no later one', async (context) => {
  const path = join(await temporaryFolder(context), 'state.json')
  const writer = new StateWriter(path, () => 'value')
  await mkdir(path)
  await assert.rejects(writer.save())
  await rm(path, { recursive: true })
  await writer.save()
  assert.equal(await readFile(path, 'utf8'), '"value"\n')
})
