import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFunction } from '../../src/build/new.ts'
import { answerOf } from '../helpers/answer.ts'
import { limits, makeBuilder, mediaFolder, writeFunction } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { startRunner } from '../helpers/runner.ts'

const template = (name: string) => ({ template: name, mediaFolder, limits })

test('a new function compiles and answers, in each language', async (t) => {
  const parent = join(await temporaryFolder(t), 'not', 'yet')
  const builder = makeBuilder(t)
  for (const language of ['assemblyscript', 'c']) {
    const source = await createFunction({ parent, name: `my-${language}`, language, mediaFolder, limits })
    assert.deepEqual(
      [source.name, source.language, source.defaultExport],
      [`my-${language}`, language, 'hello'],
    )
    const manifest: unknown = JSON.parse(await readFile(join(source.folder, 'wasmate.json'), 'utf8'))
    assert.ok(typeof manifest === 'object' && manifest && 'name' in manifest && manifest.name === source.name)
    const { bytes } = await builder.compile(source)
    assert.equal(await answerOf(bytes, 'hello', 'wasmate'), 'Hello, wasmate!')
  }
  assert.deepEqual((await readdir(parent)).sort(), ['my-assemblyscript', 'my-c'])
})

test('one that counts keeps its number between calls, in each language', async (t) => {
  const parent = await temporaryFolder(t)
  const builder = makeBuilder(t)
  const modules: Record<string, Uint8Array> = {}
  for (const language of ['assemblyscript', 'c']) {
    const made = await createFunction({ ...{ parent, name: language, language }, ...template('counter') })
    assert.equal(made.defaultExport, 'count')
    modules[language] = (await builder.compile(made)).bytes
  }
  const { invoke } = await startRunner(t, modules)
  for (const cid of Object.keys(modules)) {
    const say = async (input: string): Promise<string> => {
      const { output } = await invoke({ cid, export: 'count', input: Buffer.from(input) })
      return Buffer.from(output).toString()
    }
    assert.equal(await say('Ada'), 'Hello, Ada! This is call 1.')
    for (let n = 2; n < 12; n++) await say('')
    assert.equal(await say(''), 'Hello, world! This is call 12.')
  }
})

test('what is there already stays as it is', async (t) => {
  const parent = await temporaryFolder(t)
  await writeFunction(parent, 'full', { 'index.ts': 'mine' })
  await writeFunction(parent, 'empty', {})
  await writeFile(join(parent, 'file'), 'mine')
  for (const name of ['full', 'empty', 'file']) {
    const made = createFunction({ parent, name, language: 'c', mediaFolder, limits })
    await assert.rejects(made, { code: 'FOLDER_EXISTS', message: new RegExp(name) })
  }
  assert.equal(await readFile(join(parent, 'full', 'index.ts'), 'utf8'), 'mine')
  assert.deepEqual((await readdir(parent)).sort(), ['empty', 'file', 'full'])
})

test('a function that can not be made leaves nothing behind', async (t) => {
  const parent = await temporaryFolder(t)
  const make = (name: string, language: string, media = mediaFolder): Promise<unknown> =>
    createFunction({ parent, name, language, mediaFolder: media, limits })
  await assert.rejects(make('a b', 'c'), { code: 'NAME_INVALID' })
  await assert.rejects(make('..', 'c'), { code: 'NAME_INVALID' })
  await assert.rejects(make('a', 'cobol'), { code: 'LANGUAGE_UNKNOWN', message: /cobol.*assemblyscript, c/ })
  await assert.rejects(make('a', 'wasm'), { code: 'LANGUAGE_UNKNOWN' })
  await assert.rejects(createFunction({ ...{ parent, name: 'a', language: 'c' }, ...template('shop') }), {
    code: 'INPUT_INVALID',
    message: /shop; there are hello, counter/,
  })
  await assert.rejects(make('a', 'c', join(parent, 'no-media')))
  assert.deepEqual(await readdir(parent), [])
})

test('of two that make the same function one does, and one is told', async (t) => {
  const parent = await temporaryFolder(t)
  const make = (): Promise<unknown> =>
    createFunction({ parent, name: 'same', language: 'c', mediaFolder, limits })
  const outcomes = await Promise.allSettled([make(), make()])
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const [refused] = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  )
  assert.ok(refused instanceof Error && 'code' in refused && refused.code === 'FOLDER_EXISTS')
  assert.deepEqual(await readdir(parent), ['same'])
})
