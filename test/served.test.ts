import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Served } from '../src/served.ts'
import { temporaryFolder } from './helpers/folder.ts'

const defaults = { timeoutMs: 1, maxMemoryBytes: 65_536, allowedHosts: [], config: {} }
const version = (number: number): { cid: string; version: number; sha256: string; size: number } => {
  return { cid: `bafk${number}`, version: number, sha256: '', size: 1 }
}

test('the table is there again after a restart, whatever the names', async (context) => {
  const path = join(await temporaryFolder(context), 'served.json')
  const served = new Served(path, defaults)
  await served.open()
  for (const name of ['hello', '__proto__', 'constructor']) {
    assert.equal(served.answering(name), undefined)
    await served.setCurrent(name, version(1), 7)
    await served.setAnswering(name, version(1))
    await served.setOptions(name, { ...defaults, timeoutMs: 9 }, 'run')
  }
  await served.setCurrent('hello', version(2), 8)
  const again = new Served(path, defaults)
  await again.open()
  assert.equal(again.cursor, 8)
  assert.deepEqual(again.answering('__proto__'), version(1))
  assert.equal(again.callOptions('constructor').options.timeoutMs, 9)
  assert.deepEqual(again.behind(), ['hello'])
  assert.equal(again.list().length, 3)
})

test('a write that fails is told, and the next one holds everything', async (context) => {
  const path = join(await temporaryFolder(context), 'served.json')
  const served = new Served(path, defaults)
  await mkdir(path)
  await assert.rejects(served.setAnswering('a', version(1)))
  await rm(path, { recursive: true })
  await served.setAnswering('b', version(1))
  const again = new Served(path, defaults)
  await again.open()
  assert.deepEqual(
    again.list().map(({ name }) => name),
    ['a', 'b'],
  )
})

test('a damaged table is begun anew: the chain has it all', async (context) => {
  const path = join(await temporaryFolder(context), 'served.json')
  await writeFile(path, '{"cursor":')
  const served = new Served(path, defaults)
  await served.open()
  assert.deepEqual([served.cursor, served.list()], [0, []])
})
