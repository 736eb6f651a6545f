import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findSource, listSources } from '../../src/build/source.ts'
import { limits, makeSource, writeFunction } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

test('a folder without wasmate.json is told by its files', async (t) => {
  const parent = await temporaryFolder(t)
  const cases: [files: string[], entry: string, language: string][] = [
    [['hello.ts', 'index.ts'], 'hello.ts', 'assemblyscript'],
    [['index.ts', 'other.ts'], 'index.ts', 'assemblyscript'],
    [['main.c', 'part.c'], 'main.c', 'c'],
    [['only.c', 'only.h', 'types.d.ts', '.hidden.ts'], 'only.c', 'c'],
    [['ready.wasm', 'README.md'], 'ready.wasm', 'wasm'],
  ]
  for (const [index, [files, entry, language]] of cases.entries()) {
    const contents = Object.fromEntries(files.map((file) => [file, '']))
    const source = await makeSource(join(parent, String(index)), 'hello', contents)
    const folder = join(parent, String(index), 'hello')
    const options = { ...limits, allowedHosts: [], config: {} }
    const found = { name: 'hello', path: folder, folder, entry: join(folder, entry), language, options }
    assert.deepEqual(source, found)
  }
})

test('wasmate.json goes before what the files tell', async (t) => {
  const source = await makeSource(await temporaryFolder(t), 'folder', {
    'src/code.ts': '',
    'index.ts': '',
    'wasmate.json': JSON.stringify({
      $schema: 'x',
      name: 'greet',
      entry: 'src/code.ts',
      exports: ['hi', 'bye'],
      timeoutMs: 10,
      maxMemoryBytes: 65_536,
      allowedHosts: ['example.com'],
      config: { key: 'value' },
    }),
  })
  assert.equal(source.name, 'greet')
  assert.equal(source.entry, join(source.folder, 'src', 'code.ts'))
  assert.equal(source.defaultExport, 'hi')
  assert.deepEqual(source.options, {
    timeoutMs: 10,
    maxMemoryBytes: 65_536,
    allowedHosts: ['example.com'],
    config: { key: 'value' },
  })
})

test('a .wasm file is a function of its name', async (t) => {
  const folder = await writeFunction(await temporaryFolder(t), 'x', { 'greet.wasm': '' })
  const { name, language, entry } = await findSource(join(folder, 'greet.wasm'), limits)
  assert.deepEqual([name, language, entry], ['greet', 'wasm', join(folder, 'greet.wasm')])
})

test('what is not there is named', async (t) => {
  const parent = await temporaryFolder(t)
  const refused = (path: string, message: RegExp): Promise<void> =>
    assert.rejects(findSource(path, limits), { code: 'SOURCE_NOT_FOUND', message })
  await refused(join(parent, 'absent'), /absent does not exist/)
  await refused(await writeFunction(parent, 'empty', {}), /none of empty\.ts, empty\.c/)
  await refused(
    await writeFunction(parent, 'two', { 'a.ts': '', 'b.ts': '' }),
    /it has a\.ts, b\.ts: name one as "entry"/,
  )
  await refused(
    join(await writeFunction(parent, 'text', { 'a.txt': '' }), 'a.txt'),
    /neither a folder nor a \.wasm/,
  )
  await refused(
    await writeFunction(parent, 'gone', { 'wasmate.json': '{"entry":"gone.ts"}' }),
    /gone\.ts.*is not a file/,
  )
})

test('a wasmate.json that is wrong is named with its field', async (t) => {
  const parent = await temporaryFolder(t)
  const cases: [manifest: string, message: RegExp][] = [
    ['{', /wasmate\.json is not JSON/],
    ['[]', /wasmate\.json: \(root\)/],
    ['{"timeoutMs":"5s"}', /timeoutMs: /],
    ['{"timeoutMs":0}', /timeoutMs: /],
    ['{"languge":"c"}', /languge/],
    ['{"language":"rust"}', /language: .*assemblyscript/],
    ['{"config":{"port":80}}', /config\.port: /],
    ['{"exports":[]}', /exports: /],
    ['{"entry":"../other.ts"}', /entry .*outside/],
    ['{"entry":"/etc/passwd"}', /entry .*outside/],
    ['{"entry":"."}', /entry .*outside/],
  ]
  for (const [index, [manifest, message]] of cases.entries()) {
    const folder = await writeFunction(parent, String(index), { 'index.ts': '', 'wasmate.json': manifest })
    await assert.rejects(findSource(folder, limits), { code: 'MANIFEST_INVALID', message })
  }
})

test('an entry that links to outside is refused', async (t) => {
  const parent = await temporaryFolder(t)
  await writeFile(join(parent, 'secret.ts'), '')
  const folder = await writeFunction(parent, 'f', { 'wasmate.json': '{"entry":"link.ts"}' })
  await symlink(join(parent, 'secret.ts'), join(folder, 'link.ts'))
  await assert.rejects(findSource(folder, limits), { code: 'MANIFEST_INVALID', message: /link to outside/ })
})

test('names that the registry would refuse are refused here', async (t) => {
  const parent = await temporaryFolder(t)
  for (const name of ['has space', 'ünïcode', 'x'.repeat(32)]) {
    const folder = await writeFunction(parent, name, { 'index.ts': '' })
    await assert.rejects(findSource(folder, limits), { code: 'NAME_INVALID' })
  }
})

test('a workspace lists its functions, and nothing else', async (t) => {
  const root = await temporaryFolder(t)
  for (const name of ['b', 'a']) await writeFunction(root, name, { 'index.ts': '' })
  for (const name of ['docs', '.git', 'node_modules', 'dist', 'with space']) {
    await writeFunction(root, name, name === 'docs' ? { 'a.md': '' } : { 'index.ts': '' })
  }
  await mkdir(join(root, 'a', 'nested'))
  await writeFile(join(root, 'a', 'nested', 'index.ts'), '')
  const names = async (): Promise<string[]> => (await listSources(root, limits)).map(({ name }) => name)
  assert.deepEqual(await names(), ['a', 'b'])
  await writeFunction(root, '.', { 'main.c': '', 'wasmate.json': '{"name":"root"}' })
  assert.deepEqual(await names(), ['a', 'b', 'root'])
  await writeFunction(root, 'bad', { 'wasmate.json': '{"name":1}' })
  await assert.rejects(names(), { code: 'MANIFEST_INVALID', message: /bad.*name/ })
})

test('a ready module is found again by what named it: its folder with the settings there, or the file alone', async (t) => {
  const parent = await temporaryFolder(t)
  const manifest = JSON.stringify({ timeoutMs: 200 })
  const inFolder = await makeSource(parent, 'ready', { 'module.wasm': '', 'wasmate.json': manifest })
  assert.equal(inFolder.path, join(parent, 'ready'))
  assert.equal((await findSource(inFolder.path, limits)).options.timeoutMs, 200)
  const alone = await findSource(join(parent, 'ready', 'module.wasm'), limits)
  assert.deepEqual([alone.path, alone.name], [join(parent, 'ready', 'module.wasm'), 'module'])
})
