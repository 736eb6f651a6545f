// wasmate.lock as people commit it: the same text each time, nothing lost, nothing guessed.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { type LockedFunction, Lockfile } from '../src/lockfile.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { showError } from './helpers/runner.ts'

const entry = (name: string, network = 'emulator', version = 1): LockedFunction => ({
  name,
  network,
  contract: '0x12ab',
  version,
  cid: `bafk${name}${version}`,
  sha256: 'ab'.repeat(32),
  size: 10,
})

test('it is sorted, ends with a line end, and says the same in whatever order it was written', async (context) => {
  const [one, other] = [await temporaryFolder(context), await temporaryFolder(context)]
  const entries = [entry('b'), entry('a', 'sepolia'), entry('a'), entry('10'), entry('9')]
  for (const each of entries) await new Lockfile(one).write(each)
  for (const each of [...entries].reverse()) await new Lockfile(other).write(each)
  const text = await readFile(join(one, 'wasmate.lock'), 'utf8')
  assert.equal(await readFile(join(other, 'wasmate.lock'), 'utf8'), text)
  assert.ok(text.endsWith('}\n'))
  assert.ok(text.indexOf('"a"') < text.indexOf('"b"'))
  assert.ok(text.indexOf('"emulator"') < text.indexOf('"sepolia"'))
  assert.deepEqual(Object.keys(JSON.parse(text) as object), ['format', 'functions'])
  // It is committed and read by others, unlike what is in .wasmate.
  assert.equal((await stat(join(one, 'wasmate.lock'))).mode & 0o444, 0o444)
  assert.deepEqual((await readdir(one)).sort(), ['.wasmate', 'wasmate.lock'])
})

test('the entry of a name and a network is replaced, all others stay', async (context) => {
  const lockfile = new Lockfile(await temporaryFolder(context))
  assert.deepEqual(await lockfile.read(), [])
  await lockfile.write(entry('a'))
  await lockfile.write(entry('a', 'sepolia'))
  await lockfile.write(entry('a', 'emulator', 2))
  assert.deepEqual(await lockfile.read(), [entry('a', 'emulator', 2), entry('a', 'sepolia')])
  assert.deepEqual(await lockfile.find('a', 'emulator'), entry('a', 'emulator', 2))
  assert.equal(await lockfile.find('b', 'emulator'), undefined)
})

test('an entry says by which profile its CID came to be, where that is known', async (context) => {
  const lockfile = new Lockfile(await temporaryFolder(context))
  const known: LockedFunction = { ...entry('a'), profile: 'unixfs-v0-2015' }
  await lockfile.write(known)
  await lockfile.write({ ...entry('b'), profile: undefined })
  assert.deepEqual(await lockfile.read(), [known, entry('b')])
})

test('an entry that is newer than the one to be written stays', async (context) => {
  const lockfile = new Lockfile(await temporaryFolder(context))
  const asked: number[] = []
  const isNewer = async ({ version }: LockedFunction): Promise<boolean> => {
    asked.push(version)
    return version === 3
  }
  for (const version of [2, 3, 1]) await lockfile.write(entry('a', 'emulator', version), { isNewer })
  await lockfile.write(entry('a', 'sepolia'), { isNewer })
  assert.deepEqual(await lockfile.read(), [entry('a', 'emulator', 3), entry('a', 'sepolia')])
  assert.deepEqual(asked, [2, 3])
})

test('names that are words of JavaScript are names', async (context) => {
  const folder = await temporaryFolder(context)
  const names = ['__proto__', 'constructor', 'toString']
  for (const name of names) await new Lockfile(folder).write(entry(name, '__proto__'))
  assert.deepEqual(
    (await new Lockfile(folder).read()).map(({ name, network }) => [name, network]),
    names.map((name) => [name, '__proto__']),
  )
})

const writer = `
  const { Lockfile } = await import(${JSON.stringify(new URL('../src/lockfile.ts', import.meta.url).href)})
  const [folder, name, count] = process.argv.slice(1)
  const lockfile = new Lockfile(folder)
  const one = { contract: '0x1', cid: 'bafk', sha256: '', size: 1, network: 'emulator', version: 1 }
  const all = Array.from({ length: Number(count) }, (_, each) => lockfile.write({ ...one, name: name + each }))
  await Promise.all(all)
`

test('several processes that write at once lose no entry', async (context) => {
  const folder = await temporaryFolder(context)
  const run = promisify(execFile)
  const args = (name: string): string[] => [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    writer,
    folder,
    name,
  ]
  await Promise.all(['a', 'b', 'c'].map((name) => run(process.execPath, [...args(name), '8'])))
  const names = (await new Lockfile(folder).read()).map(({ name }) => name)
  const wanted = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 8 }, (_, each) => `${name}${each}`))
  assert.deepEqual(names, wanted)
})

test('what can not be understood is told with its place and left as it is', async (context) => {
  const folder = await temporaryFolder(context)
  const path = join(folder, 'wasmate.lock')
  const lockfile = new Lockfile(folder)
  const good = { contract: '0x1', version: 1, cid: 'bafk', sha256: '', size: 1 }
  const cases: [string, RegExp][] = [
    ['', /LOCK_DAMAGED: .*wasmate\.lock: /],
    ['<<<<<<< HEAD\n{}\n=======\n', /LOCK_DAMAGED/],
    ['null', /LOCK_DAMAGED/],
    ['{"format":1}', /LOCK_DAMAGED: .*functions/],
    ['{"format":1,"functions":[]}', /LOCK_DAMAGED: .*functions/],
    ['{"format":1,"functions":{"a":7}}', /LOCK_DAMAGED: .*a .*expected an object/],
    [JSON.stringify({ format: 1, functions: { a: { x: { ...good, version: 0 } } } }), /a\.x\.version/],
    [JSON.stringify({ format: 1, functions: { a: { x: { ...good, contract: 'y' } } } }), /a\.x\.contract/],
    [JSON.stringify({ format: 2, functions: 'whatever that will be' }), /STATE_NEWER: .*format 2, this is 1/],
  ]
  for (const [text, expected] of cases) {
    await writeFile(path, text)
    assert.match(await showError(lockfile.read()), expected)
    assert.match(await showError(lockfile.write(entry('a'))), expected)
    assert.equal(await readFile(path, 'utf8'), text)
  }
})

test('what a write that failed left behind keeps nobody from the next', async (context) => {
  const folder = await temporaryFolder(context)
  const lockfile = new Lockfile(folder)
  await lockfile.write(entry('a'))
  await writeFile(join(folder, '.wasmate', 'lockfile.lock'), '{"pid":1,"startedAt":"long ago"}')
  await chmod(join(folder, 'wasmate.lock'), 0o644)
  await lockfile.write(entry('b'))
  assert.equal((await lockfile.read()).length, 2)
  await assert.rejects(lockfile.write(entry('c'), { signal: AbortSignal.abort() }), { name: 'AbortError' })
  await lockfile.write(entry('d'))
  assert.equal((await lockfile.read()).length, 3)
})
