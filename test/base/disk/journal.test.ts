import assert from 'node:assert/strict'
import { appendFile, readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { WasmateError } from '../../../src/base/errors.ts'
import { Journal } from '../../../src/base/disk/journal.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

const parse = (value: unknown): number => {
  if (typeof value !== 'number') throw new Error('not a number')
  return value
}

async function journalOf(context: TestContext, ...records: number[]): Promise<string> {
  const path = join(await temporaryFolder(context), 'deep', 'a.journal')
  const { journal } = await Journal.open({ path, parse })
  await journal.append(...records)
  await journal.close()
  return path
}

async function reopen(
  path: string,
  repair = false,
): Promise<{ records: number[]; setAside: string | undefined }> {
  const { journal, records } = await Journal.open({ path, parse, repair })
  await journal.close()
  return { records, setAside: journal.setAside }
}

test('records come back in the order they were appended', async (context) => {
  const path = await journalOf(context)
  const { journal } = await Journal.open({ path, parse })
  await Promise.all([journal.append(1), journal.append(2, 3), journal.append(4)])
  await journal.close()
  assert.deepEqual((await reopen(path)).records, [1, 2, 3, 4])
})

test('a last line that was torn off at any byte is dropped and the rest goes on', async (context) => {
  const path = await journalOf(context, 10, 20)
  const whole = (await readFile(path)).length
  const firstLine = (await readFile(path)).indexOf(0x0a) + 1
  for (let length = whole - 1; length > firstLine; length -= 3) {
    await truncate(path, length)
    assert.deepEqual((await reopen(path)).records, [10])
    const { journal } = await Journal.open({ path, parse })
    await journal.append(20)
    await journal.close()
    assert.deepEqual((await reopen(path)).records, [10, 20])
  }
})

test('damage before the end is refused with its line, and nothing is changed', async (context) => {
  const path = await journalOf(context, 1, 2, 3)
  const damaged = (await readFile(path, 'utf8')).replace(' 2\n', ' 7\n')
  await writeFile(path, damaged)
  await assert.rejects(reopen(path), (error: WasmateError) => {
    assert.equal(error.code, 'STATE_DAMAGED')
    assert.match(error.message, /line 2/)
    return true
  })
  assert.equal(await readFile(path, 'utf8'), damaged)
})

test('repair keeps the intact head and sets the damaged file aside, whole', async (context) => {
  const path = await journalOf(context, 1, 2, 3)
  const damaged = (await readFile(path, 'utf8')).replace(' 2\n', ' 7\n')
  await writeFile(path, damaged)
  const { records, setAside } = await reopen(path, true)
  assert.deepEqual(records, [1])
  assert.equal(await readFile(setAside ?? '', 'utf8'), damaged)
  assert.deepEqual((await reopen(path)).records, [1])
})

test('a record of another shape is damage', async (context) => {
  const path = await journalOf(context, 1)
  const { journal } = await Journal.open<unknown>({ path, parse: (value) => value })
  await journal.append('text')
  await journal.close()
  await assert.rejects(reopen(path), { code: 'STATE_DAMAGED' })
})

test('bytes that are no journal at all are refused', async (context) => {
  const path = await journalOf(context)
  await appendFile(path, '<html>\n<body>\n')
  await assert.rejects(reopen(path), { code: 'STATE_DAMAGED' })
})

test('a rewrite replaces everything, and appends go on behind it', async (context) => {
  const path = await journalOf(context, 1, 2, 3)
  const { journal } = await Journal.open({ path, parse })
  await journal.rewrite([3])
  await journal.append(4)
  await journal.close()
  assert.deepEqual((await reopen(path)).records, [3, 4])
  assert.deepEqual(await readdir(join(path, '..')), ['a.journal'])
})
