import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { findDevnet, locateDevnet } from '../../src/devnet/binary.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { listCache, optionsIn, placeCargo } from './machine.ts'
import { processesWith } from './running.ts'

test('cargo builds it when there is no release, with progress, and the cache keeps it', async (t) => {
  const folder = await temporaryFolder(t)
  await placeCargo(folder, 'printf "   Compiling a v1\\n   Compiling b v1\\n" >&2')
  const options = optionsIn(folder, { build: true, pathEnv: `${join(folder, 'bin')}:/usr/bin:/bin` })
  const told: string[] = []
  const { origin } = await locateDevnet(options, { report: ({ doing }) => told.push(doing) })
  assert.equal(origin, 'cargo')
  assert.deepEqual(await listCache(folder), ['starknet-devnet'])
  assert.match(told.at(-1) ?? '', /2 of 679 crates/)
  assert.equal((await findDevnet(options)).found?.origin, 'cache')
})

test('a build that fails gives cargo its last words', async (t) => {
  const folder = await temporaryFolder(t)
  await placeCargo(folder, 'echo "error: linker cc not found" >&2; exit 101')
  const options = optionsIn(folder, { build: true, pathEnv: `${join(folder, 'bin')}:/usr/bin:/bin` })
  await assert.rejects(locateDevnet(options, {}), {
    code: 'DEVNET_MISSING',
    message: /cargo: cargo ended with code 101: error: linker cc not found/,
  })
  assert.deepEqual(await listCache(folder), [])
})

test('a cancelled build ends cargo and all that it started', async (t) => {
  const folder = await temporaryFolder(t)
  const mark = `wasmate-test-${process.pid}-${Date.now()}`
  await placeCargo(folder, `sh -c 'echo "   Compiling a v1"; sleep 60; : ${mark}' & wait`)
  const options = optionsIn(folder, { build: true, pathEnv: `${join(folder, 'bin')}:/usr/bin:/bin` })
  const abort = new AbortController()
  const report = ({ doing }: { doing: string }): void => {
    if (doing.includes('1 of 679')) abort.abort()
  }
  await assert.rejects(locateDevnet(options, { signal: abort.signal, report }), { name: 'AbortError' })
  assert.deepEqual(processesWith(mark), [])
  assert.deepEqual(await listCache(folder), [])
})
