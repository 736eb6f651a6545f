import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Cursor } from '../../src/registry/events/cursor.ts'
import { Served, type ServedVersion } from '../../src/flows/served.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const defaults = { timeoutMs: 1, maxMemoryBytes: 65_536, allowedHosts: [], config: {} }
const version = (number: number): ServedVersion => {
  return { cid: `bafk${number}`, version: number, sha256: '', size: 1 }
}
const cursorAt = (blockNumber: number): Cursor => {
  return { address: '0x1', blockNumber, anchors: [{ blockNumber, blockHash: `0x${blockNumber}` }] }
}
const setCurrent = (served: Served, name: string, number: number, block: number): Promise<void> => {
  const change = { name, block, ...(number > 0 && { version: version(number) }) }
  return served.record({ changes: [change], yanked: [], cursor: cursorAt(block) })
}

async function openServed(
  context: TestContext,
  content?: unknown,
): Promise<{ path: string; served: Served }> {
  const path = join(await temporaryFolder(context), 'served.json')
  if (content !== undefined) await writeFile(path, JSON.stringify(content))
  const served = new Served(path, defaults)
  await served.open()
  return { path, served }
}

test('the table is there again after a restart, whatever the names', async (context) => {
  const { path, served } = await openServed(context)
  for (const name of ['hello', '__proto__', 'constructor']) {
    assert.equal(served.answering(name), undefined)
    await setCurrent(served, name, 1, 7)
    await served.setAnswering(name, version(1))
    await served.setOptions(name, { ...defaults, timeoutMs: 9 }, 'run')
  }
  await setCurrent(served, 'hello', 2, 8)
  const again = new Served(path, defaults)
  await again.open()
  assert.deepEqual(again.cursor, cursorAt(8))
  assert.deepEqual(again.answering('__proto__'), version(1))
  assert.equal(again.callOptions('constructor').options.timeoutMs, 9)
  assert.deepEqual(again.behind(), ['hello'])
  assert.equal(again.list().length, 3)
})

test('a write that fails is told, and the next one holds everything', async (context) => {
  const { path, served } = await openServed(context)
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
  assert.deepEqual([served.cursor.blockNumber, served.list()], [0, []])
})

test('a table from before hashes and blocks were kept goes on answering, and every name is uncertain', async (context) => {
  const pairs = [['hello', version(3)]]
  const { served } = await openServed(context, { cursor: 5, current: pairs, answering: pairs, options: [] })
  assert.deepEqual(served.cursor, { address: '', blockNumber: 5, anchors: [] })
  assert.deepEqual(served.answering('hello'), version(3))
  assert.deepEqual(served.uncertain(), ['hello'])
})

test('what blocks said that are gone is uncertain, also that a name was withdrawn, and nothing stops answering', async (context) => {
  const { path, served } = await openServed(context)
  await setCurrent(served, 'before', 1, 3)
  await setCurrent(served, 'after', 1, 5)
  await setCurrent(served, 'withdrawn', 1, 3)
  await setCurrent(served, 'withdrawn', 0, 6)
  await served.setAnswering('after', version(1))
  await served.retract(cursorAt(4))
  const again = new Served(path, defaults)
  await again.open()
  assert.deepEqual(again.uncertain(), ['after', 'withdrawn'])
  assert.deepEqual(again.answering('after'), version(1))
  assert.equal(again.current('withdrawn'), undefined)
})

test('a problem is kept until the version answers or another one is current', async (context) => {
  const { served } = await openServed(context)
  const problem = { type: '', title: '', status: 1, detail: '', code: 'CONTENT_MISMATCH', next: '' } as const
  for (const name of ['a', 'b']) {
    await setCurrent(served, name, 1, 1)
    served.setProblem({ name, version: 1, cid: 'bafk1', problem })
  }
  assert.equal(served.problems().length, 2)
  await served.setAnswering('a', version(1))
  await setCurrent(served, 'b', 1, 2)
  assert.deepEqual(
    served.problems().map(({ name }) => name),
    ['b'],
  )
  await setCurrent(served, 'b', 2, 3)
  assert.deepEqual(served.problems(), [])
})
