import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { findDevnet, locateDevnet } from '../../src/devnet/binary.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { listCache, optionsIn, placeProgram, servePeer } from './machine.ts'

test('the binary of the setting is used before any other', async (t) => {
  const folder = await temporaryFolder(t)
  await placeProgram(join(folder, 'bin'))
  const path = await placeProgram(join(folder, 'mine'))
  assert.deepEqual(await locateDevnet(optionsIn(folder, { path }), {}), { binary: path, origin: 'setting' })
})

test('a setting that names something else is an error, not a reason to look further', async (t) => {
  const folder = await temporaryFolder(t)
  await placeProgram(join(folder, 'bin'))
  const old = await placeProgram(join(folder, 'mine'), '0.9.0')
  const broken = join(folder, 'broken')
  await writeFile(broken, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const plain = join(folder, 'plain')
  await writeFile(plain, 'no program')
  for (const [path, message] of [
    [old, /is version 0\.9\.0, not 0\.10\.1/],
    [plain, /not there or not executable/],
    [join(folder, 'nothing'), /not there or not executable/],
    [process.execPath, /is not starknet-devnet/],
    [broken, /does not run/],
  ] as const) {
    await assert.rejects(locateDevnet(optionsIn(folder, { path }), {}), { code: 'CONFIG_INVALID', message })
  }
})

test('another version on PATH is passed over, and said', async (t) => {
  const folder = await temporaryFolder(t)
  const old = await placeProgram(join(folder, 'old'), '0.7.0')
  const good = await placeProgram(join(folder, 'bin'))
  const options = optionsIn(folder, { pathEnv: [join(folder, 'old'), join(folder, 'bin')].join(delimiter) })
  assert.deepEqual(await locateDevnet(options, {}), { binary: good, origin: 'path' })
  const { sought } = await findDevnet(options)
  assert.equal(sought[0]?.finding, `${old} is version 0.7.0, not 0.10.1`)
})

test('the cache is used when PATH has none', async (t) => {
  const folder = await temporaryFolder(t)
  const cached = await placeProgram(join(folder, 'cache', 'starknet-devnet', '0.10.1'))
  assert.deepEqual(await locateDevnet(optionsIn(folder), {}), { binary: cached, origin: 'cache' })
  assert.deepEqual((await findDevnet(optionsIn(folder))).found, { binary: cached, origin: 'cache' })
})

test('when there is none at all, the error tells every place and why', async (t) => {
  const folder = await temporaryFolder(t)
  await placeProgram(join(folder, 'bin'), '0.7.0')
  const peer = await servePeer(t, (_request, response) => response.writeHead(404).end())
  const options = optionsIn(folder, { download: true, build: true, releaseUrl: peer })
  await assert.rejects(locateDevnet(options, {}), {
    code: 'DEVNET_MISSING',
    message: /path: .*0\.7\.0.*cache: not there; release: .* answered 404; cargo: cargo is not on PATH/,
  })
  await assert.rejects(locateDevnet(optionsIn(folder, { platform: 'win32' }), {}), /WSL/)
  await assert.rejects(locateDevnet(optionsIn(folder), {}), /download is off.*build is off/)
})

test('what a killed process left half made is swept by the next', async (t) => {
  const folder = await temporaryFolder(t)
  const left = join(folder, 'cache', 'starknet-devnet', '0.10.1', '.making-999999999-x')
  await mkdir(left, { recursive: true })
  const options = optionsIn(folder, { download: true, releaseUrl: 'http://127.0.0.1:1' })
  await assert.rejects(locateDevnet(options, {}), { code: 'DEVNET_MISSING' })
  assert.deepEqual(await listCache(folder), [])
  await rm(left, { recursive: true, force: true })
})
