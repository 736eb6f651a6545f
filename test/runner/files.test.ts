// What a function can do with files: nothing without the setting, and nothing outside of what it allows.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import createPlugin from '@extism/extism'
import { compileFilesPlugin, goFiles } from '../helpers/files-plugin.ts'
import { compileGo } from '../helpers/plugins.ts'
import { showError, startRunner } from '../helpers/runner.ts'

const plugin = await compileFilesPlugin()
const round = await compileGo(goFiles)
const options = { maxMemoryBytes: 64 * 1024 * 1024 }

/** A folder `data` with a file in it, and a secret beside it. */
function makeFolder(t: TestContext): { data: string; root: string } {
  const root = mkdtempSync(join(tmpdir(), 'wasmate-files-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const data = join(root, 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'seed.txt'), 'seed')
  writeFileSync(join(root, 'secret'), 'secret')
  return { data, root }
}

function openBelow(root: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)].filter((path) => path.startsWith(root))
    } catch {
      // The descriptor of the listing itself.
      return []
    }
  })
}

test('Go makes, reads, writes, renames, cuts, lists and removes files in an allowed folder', async (t) => {
  const { data } = makeFolder(t)
  const { ask } = await startRunner(t, { plugin: round }, { allowedPaths: { '/data': data } })
  assert.equal(
    await ask({ export: 'round', options }),
    'seed seed! [one7 false three5 false] [<nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil>]',
  )
  assert.deepEqual(readdirSync(data), ['seed.txt'])
})

test('without the setting there are no files, and the function is told so', async (t) => {
  const { ask } = await startRunner(t, { plugin, round })
  assert.match(await ask({ cid: 'round', export: 'round', options }), /^error: open \/data\/seed.txt: /)
  assert.equal(await ask({ export: 'reads', input: 'seed.txt' }), 'errno 52')
  assert.equal(await ask({ export: 'none' }), 'errno 08')
})

test('a folder with ro: before it can be read and not changed', async (t) => {
  const { data } = makeFolder(t)
  const { ask } = await startRunner(t, { plugin }, { allowedPaths: { '/data': `ro:${data}` } })
  assert.equal(await ask({ export: 'reads', input: 'seed.txt' }), 'seed')
  for (const [name, input] of Object.entries({
    ...{ writes: 'seed.txt x', unlinks: 'seed.txt', makes: 'sub', renames: 'seed.txt other' },
  })) {
    assert.equal(await ask({ export: name, input }), 'errno 69', name)
  }
  assert.equal(readFileSync(join(data, 'seed.txt'), 'utf8'), 'seed')
})

test('a function reads the same file as on the Extism SDK', async (t) => {
  const { data } = makeFolder(t)
  const allowedPaths = { '/data': data }
  const { ask } = await startRunner(t, { plugin }, { allowedPaths })
  const reference = await createPlugin({ wasm: [{ data: plugin }] }, { useWasi: true, allowedPaths })
  for (const [name, input] of [
    ['reads', 'seed.txt'],
    ['reads', 'missing'],
    ['writes', 'new text'],
    ['reads', 'new'],
  ] as const) {
    assert.equal(
      await ask({ export: name, input }),
      (await reference.call(name, input))?.text(),
      name + input,
    )
  }
  await reference.close()
})

test('nothing outside of the folder is read, made, changed, moved or removed', async (t) => {
  const { data, root } = makeFolder(t)
  symlinkSync('/etc/passwd', join(data, 'link'))
  symlinkSync('../secret', join(data, 'near'))
  symlinkSync('/etc', join(data, 'folder'))
  symlinkSync('../made', join(data, 'dangling'))
  mkdirSync(`${data}-beside`)
  const { ask } = await startRunner(t, { plugin }, { allowedPaths: { '/data': data } })
  const outside = [
    '../secret',
    'x/../../secret',
    '/etc/passwd',
    'link',
    'near',
    'folder/passwd',
    '../data-beside/x',
  ]
  for (const path of outside) {
    for (const name of ['reads', 'writes', 'stats']) {
      assert.equal(await ask({ export: name, input: `${path} x` }), 'errno 76', `${name} ${path}`)
    }
  }
  assert.equal(await ask({ export: 'unlinks', input: '../secret' }), 'errno 76')
  assert.equal(await ask({ export: 'renames', input: 'seed.txt ../moved' }), 'errno 76')
  assert.equal(await ask({ export: 'renames', input: '../secret mine' }), 'errno 76')
  assert.equal(await ask({ export: 'renames', input: 'near mine' }), 'errno 76')
  assert.equal(await ask({ export: 'makes', input: '../made' }), 'errno 76')
  assert.equal(await ask({ export: 'writes', input: 'dangling x' }), 'errno 44')
  assert.deepEqual(readdirSync(root).sort(), ['data', 'data-beside', 'secret'])
  assert.equal(readFileSync(join(root, 'secret'), 'utf8'), 'secret')
})

test('fifos and devices are not opened, and pointers outside memory are EFAULT before anything is', async (t) => {
  const { data } = makeFolder(t)
  execFileSync('mkfifo', [join(data, 'fifo')])
  const { ask } = await startRunner(t, { plugin, devices: plugin }, { allowedPaths: { '/data': data } })
  assert.equal(await ask({ export: 'reads', input: 'fifo' }), 'errno 76')
  assert.equal(await ask({ export: 'writes', input: 'fifo x' }), 'errno 76')
  assert.equal(await ask({ export: 'wild', input: 'made' }), 'errno 21')
  assert.equal(await ask({ export: 'reads', input: 'a\0b' }), 'errno 28')
  assert.deepEqual(readdirSync(data).sort(), ['fifo', 'seed.txt'])
  const devices = await startRunner(t, { plugin }, { allowedPaths: { '/dev': 'ro:/dev' } })
  assert.equal(await devices.ask({ export: 'reads', input: 'zero' }), 'errno 76')
})

test('64 files can be open; none is left after fresh, trapped and ended calls', async (t) => {
  const { data } = makeFolder(t)
  const allowedPaths = { '/data': data }
  const { ask, fail, runner } = await startRunner(t, { plugin }, { allowedPaths, instances: 'fresh' })
  const input = 'seed.txt'
  assert.equal(await ask({ export: 'many', input }), 'errno 33')
  assert.equal(await ask({ export: 'reads', input }), 'seed')
  assert.match(await fail({ export: 'traps', input }), /^CALL_TRAPPED/)
  assert.deepEqual(openBelow(data), [])
  assert.match(await fail({ export: 'spins', input, options: { timeoutMs: 50 } }), /^CALL_TIMEOUT/)
  assert.deepEqual(openBelow(data), [])
  const reused = await startRunner(t, { plugin }, { allowedPaths })
  assert.equal(await reused.ask({ export: 'many', input }), 'errno 33')
  assert.equal(openBelow(data).length, 64)
  await Promise.all([runner.stop(), reused.runner.stop()])
  assert.deepEqual(openBelow(data), [])
})

test('an allowed path that is no folder is told when the runner starts', async (t) => {
  const { data } = makeFolder(t)
  for (const path of [join(data, 'missing'), join(data, 'seed.txt')]) {
    const refusal = await showError(startRunner(t, {}, { allowedPaths: { '/data': path } }))
    assert.match(refusal, /^CONFIG_INVALID: wasmate\.runner\.allowedPaths: \/data: /)
  }
})
