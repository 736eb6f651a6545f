import assert from 'node:assert/strict'
import { mkdir, open, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { findSource } from '../../src/build/source.ts'
import { watchSource } from '../../src/build/watch.ts'
import { limits, makeSource } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

interface Watched {
  folder: string
  parent: string
  /** The next change. */
  changed: () => Promise<void>
  /** Changes until the entry has this content: a slow save may well be told twice. */
  changedTo: (content: string) => Promise<void>
  /** Fails when a change is told although nobody saved. */
  quiet: () => Promise<void>
}

async function watched(t: TestContext): Promise<Watched> {
  const parent = await temporaryFolder(t)
  const source = await makeSource(parent, 'f', { 'index.ts': 'one', 'lib/part.ts': 'one' })
  const stop = new AbortController()
  const saves = watchSource(source, { signal: stop.signal })
  t.after(() => stop.abort())
  const changed = async (): Promise<void> => {
    assert.deepEqual(await saves.next(), { done: false, value: 'changed' })
  }
  return {
    folder: source.folder,
    parent,
    changed,
    changedTo: async (content) => {
      do await changed()
      while ((await readFile(source.entry, 'utf8')) !== content)
    },
    quiet: async () => {
      const told = await Promise.race([changed(), new Promise((resolve) => setTimeout(resolve, 60, 'quiet'))])
      assert.equal(told, 'quiet')
    },
  }
}

const ways: Record<string, (path: string, content: string) => Promise<void>> = {
  'truncating and writing (VS Code, nano)': (path, content) => writeFile(path, content),
  'writing beside and renaming over it (JetBrains, many others)': async (path, content) => {
    await writeFile(`${path}___jb_tmp___`, content)
    await rename(path, `${path}___jb_old___`)
    await rename(`${path}___jb_tmp___`, path)
    await unlink(`${path}___jb_old___`)
  },
  'moving the old one aside and writing a new one (vim)': async (path, content) => {
    await writeFile(join(path, '../4913'), '')
    await unlink(join(path, '../4913'))
    await rename(path, `${path}~`)
    await writeFile(path, content)
    await unlink(`${path}~`)
  },
  'a lock and a backup beside it (emacs)': async (path, content) => {
    await writeFile(join(path, '../.#index.ts'), '')
    await writeFile(`${path}~`, 'one')
    await writeFile(path, content)
    await unlink(join(path, '../.#index.ts'))
  },
  'writing in several pieces': async (path, content) => {
    const file = await open(path, 'w')
    for (const piece of content) await file.write(piece)
    await file.close()
  },
}

for (const [way, save] of Object.entries(ways)) {
  test(`a save is told: ${way}`, async (t) => {
    const { folder, changedTo } = await watched(t)
    const entry = join(folder, 'index.ts')
    for (const content of ['two', 'three']) {
      await save(entry, content)
      await changedTo(content)
    }
  })
}

test('files in folders count, in new ones too', async (t) => {
  const { folder, changed } = await watched(t)
  await writeFile(join(folder, 'lib/part.ts'), 'two')
  await changed()
  await mkdir(join(folder, 'new'))
  await changed()
  await writeFile(join(folder, 'new/more.ts'), 'one')
  await changed()
  await rm(join(folder, 'new'), { recursive: true })
  await changed()
})

test('what is not of the function does not count', async (t) => {
  const { folder, quiet } = await watched(t)
  for (const path of ['.wasmate', 'node_modules/package', 'dist', '.git']) {
    await mkdir(join(folder, path), { recursive: true })
    await writeFile(join(folder, path, 'file.ts'), 'x')
  }
  for (const name of ['.index.ts.swp', 'index.ts~', '#index.ts#', 'index.ts.tmp', '4913']) {
    await writeFile(join(folder, name), 'x')
  }
  await quiet()
})

test('saves during a build are told after it', async (t) => {
  const { folder, changed, changedTo } = await watched(t)
  await writeFile(join(folder, 'index.ts'), 'two')
  await changed()
  for (let save = 0; save < 5; save++) {
    await writeFile(join(folder, 'index.ts'), `during ${save}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  await changedTo('during 4')
})

test('a ready module is watched alone', async (t) => {
  const parent = await temporaryFolder(t)
  const path = join(parent, 'f.wasm')
  await writeFile(path, 'one')
  const saves = watchSource(await findSource(path, limits))
  t.after(() => saves.return?.())
  await writeFile(join(parent, 'other.wasm'), 'two')
  const next = saves.next()
  const told = await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 60, 'quiet'))])
  assert.equal(told, 'quiet')
  await writeFile(path, 'two')
  assert.deepEqual(await next, { done: false, value: 'changed' })
})

test('it ends with its signal and with the loop that reads it', async (t) => {
  const source = await makeSource(await temporaryFolder(t), 'f', { 'index.ts': 'one' })
  const stop = new AbortController()
  const waiting = watchSource(source, { signal: stop.signal }).next()
  stop.abort()
  assert.deepEqual(await waiting, { done: true, value: undefined })
  const late = watchSource(source, { signal: AbortSignal.abort() })
  assert.deepEqual(await late.next(), { done: true, value: undefined })
  const left = watchSource(source)
  await writeFile(source.entry, 'two')
  for await (const change of left) {
    assert.equal(change, 'changed')
    break
  }
  assert.deepEqual(await left.next(), { done: true, value: undefined })
})

test('a folder that goes away is told', async (t) => {
  const { folder, parent, changed } = await watched(t)
  await rename(folder, join(parent, 'moved'))
  await assert.rejects(changed(), { code: 'SOURCE_NOT_FOUND', message: /was removed/ })
})
