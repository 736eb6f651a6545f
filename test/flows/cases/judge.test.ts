// What counts as the expected answer, and what is told of one that is not.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { WasmateError, toProblem } from '../../../src/base/errors.ts'
import type { Expected } from '../../../src/flows/cases/file.ts'
import { type Difference, judge } from '../../../src/flows/cases/judge.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

const answered = (expected: Expected, output: string | Uint8Array): Promise<Difference | undefined> =>
  judge(expected, { output: Buffer.from(output) }, '/nowhere')

test('text and bytes are the same, byte for byte', async () => {
  assert.equal(await answered('ä', 'ä'), undefined)
  assert.equal(await answered({ base64: 'AP8=' }, Buffer.from([0, 255])), undefined)
  assert.deepEqual(await answered('a', 'b'), { message: 'The output is another', expected: 'a', actual: 'b' })
  const bytes = await answered({ base64: 'AP8=' }, Buffer.from([0, 254]))
  assert.deepEqual([bytes?.expected, bytes?.actual], ['00 ff', '00 fe'])
})

test('JSON is the same value, in whatever order and spacing', async () => {
  const expected = { json: { a: [1, { c: null, b: 2 }] } }
  assert.equal(await answered(expected, '{ "a" : [1, {"b":2,"c":null}] }'), undefined)
  const other = await answered(expected, '{"a":[1,{"b":3,"c":null}]}')
  assert.match(other?.expected ?? '', /"b": 2,\n +"c": null/)
  assert.match(other?.actual ?? '', /"b": 3,\n +"c": null/)
  assert.equal((await answered(expected, 'no'))?.message, 'The output is not JSON')
})

test('a pattern is looked for in the output', async () => {
  assert.equal(await answered({ matches: '^a.c$' }, 'abc'), undefined)
  assert.deepEqual(await answered({ matches: '^b' }, 'abc'), {
    ...{ message: 'The output does not match', expected: '^b', actual: 'abc' },
  })
})

test('a problem is told by its code, and an answer is none', async () => {
  const problem = toProblem(new WasmateError('CALL_TRAPPED', 'unreachable'))
  assert.equal(await judge({ problem: 'CALL_TRAPPED' }, { problem }, '/nowhere'), undefined)
  const other = await judge({ problem: 'CALL_FAILED' }, { problem }, '/nowhere')
  assert.deepEqual([other?.expected, other?.actual], ['CALL_FAILED', 'CALL_TRAPPED'])
  assert.equal((await answered({ problem: 'CALL_FAILED' }, 'a'))?.actual, 'a')
  assert.match((await judge('a', { problem }, '/nowhere'))?.message ?? '', /unreachable/)
})

test('the output is compared with a file', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'out.txt'), 'as it is')
  const output = Buffer.from('as it is')
  assert.equal(await judge({ file: 'out.txt' }, { output }, folder), undefined)
  await assert.rejects(judge({ file: 'none.txt' }, { output }, folder), { code: 'CASES_INVALID' })
})
