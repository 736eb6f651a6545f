// wasmate.test.json as people write it, and as editors are told of it.

import assert from 'node:assert/strict'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { casesJsonSchema, parseCases, readCases, readGiven } from '../../../src/flows/cases/file.ts'
import { locateCases } from '../../../src/flows/cases/locate.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

const root = join(import.meta.dirname, '../../..')

test('the schema that the extension brings is that of the code; schema.ts beside this writes it anew', async () => {
  const brought = JSON.parse(await readFile(join(root, 'media/wasmate.test.schema.json'), 'utf8')) as unknown
  assert.deepEqual(brought, JSON.parse(JSON.stringify(casesJsonSchema())))
})

test('a folder without the file has no cases', async (t) => {
  const folder = await temporaryFolder(t)
  assert.equal(await readCases(folder), undefined)
  await writeFile(join(folder, 'wasmate.test.json'), '\uFEFF{"cases":[{"name":"a","expected":""}]}')
  assert.deepEqual(await readCases(folder), [{ name: 'a', expected: '' }])
})

test('what is wrong is named, with the file and the field', () => {
  const wrong: [string, RegExp][] = [
    ['{', /x\.json is not JSON/],
    ['[]', /x\.json: \(root\)/],
    ['{"cases":[{"name":"a"}]}', /cases\.0\.expected: expected text, or one of/],
    ['{"cases":[{"expected":""}]}', /cases\.0\.name/],
    ['{"cases":[{"name":"a","expected":{"text":"a","json":1}}]}', /cases\.0\.expected/],
    ['{"cases":[{"name":"a","expected":{"json":1},"input":{"base64":"~"}}]}', /cases\.0\.input/],
    ['{"cases":[{"name":"a","expected":{"matches":"("}}]}', /cases\.0\.expected/],
    ['{"cases":[{"name":"a","expected":{"problem":"NO_SUCH_CODE"}}]}', /cases\.0\.expected/],
    ['{"cases":[{"name":"a","expected":"","timeoutMs":0}]}', /cases\.0\.timeoutMs/],
    ['{"cases":[{"name":"a","expected":""},{"name":"a","expected":""}]}', /two cases are called a/],
  ]
  for (const [text, detail] of wrong) {
    assert.throws(() => parseCases(text, 'x.json'), { code: 'CASES_INVALID', detail }, text)
  }
})

test('bytes are text, JSON, base64, or those of a file of the folder', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'in.bin'), Buffer.from([0, 255]))
  const given = async (value: Parameters<typeof readGiven>[0]): Promise<string> =>
    Buffer.from(await readGiven(value, folder)).toString('latin1')
  assert.equal(await given('a'), 'a')
  assert.equal(await given({ text: 'b' }), 'b')
  assert.equal(await given({ json: { c: [1] } }), '{"c":[1]}')
  assert.equal(await given({ base64: 'AP8=' }), '\0\xff')
  assert.equal(await given({ file: 'in.bin' }), '\0\xff')
})

test('a file outside of the folder is not read, however it is named', async (t) => {
  const parent = await temporaryFolder(t)
  const folder = join(parent, 'f')
  await mkdir(folder)
  await writeFile(join(parent, 'secret'), 'secret')
  await symlink(join(parent, 'secret'), join(folder, 'link'))
  for (const file of ['../secret', join(parent, 'secret'), 'link', '.', 'missing']) {
    await assert.rejects(readGiven({ file }, folder), { code: 'CASES_INVALID' }, file)
  }
})

test('each case is found where it stands, whatever is written in it', () => {
  const text = `{
  "name\\"cases": [{ "a": 1 }],
  "other": { "cases": [{ "b": 2 }] },
  "cases": [
    { "name": "cases\\\\", "input": { "json": [{ "]": "}" }] } },
    {}
  ]
}`
  assert.deepEqual(locateCases(text), [
    { start: { line: 4, character: 4 }, end: { line: 4, character: 62 } },
    { start: { line: 5, character: 4 }, end: { line: 5, character: 6 } },
  ])
  assert.deepEqual(locateCases('{"cases":[{}],"cases":[]}'), [], 'the last of two, as JSON.parse has it')
  assert.deepEqual(locateCases(''), [])
})
