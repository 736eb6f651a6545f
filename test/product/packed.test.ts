// The command line as npm packs it, installed in an empty folder: it deploys without a terminal and without an emulator.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { newRegistry } from '../helpers/contract.ts'
import { signingAs, startNetwork, takeSeat } from '../helpers/network.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

test('the packed command line, installed in an empty folder, makes a function and deploys it', async (t) => {
  const network = await startNetwork(t)
  const seat = await takeSeat(t, network)
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', seat.home],
    {
      cwd: root,
      maxBuffer: 16 * 1024 * 1024,
    },
  )
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  const paths = packed?.files.map(({ path }) => path) ?? []
  assert.deepEqual(
    paths.filter((path) => /^(src|test)\/|\.map$|\.cairo$|extension|\.env/.test(path)),
    [],
  )
  const folder = join(seat.home, 'installed')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']
  await run('npm', [...install, join(seat.home, packed?.filename ?? '')], { cwd: folder })

  const bin = join(folder, 'node_modules/.bin/wasmate')
  const env = { ...process.env, ...seat.env, ...signingAs(network.chain) }
  await run(bin, ['new', 'hello'], { cwd: seat.cwd, env })
  const deploy = [
    'deploy',
    'hello',
    '--network',
    'far',
    '--yes',
    '--max-fee',
    '5',
    '--json',
    ...seat.settings(),
  ]
  const deployed = await run(bin, deploy, { cwd: seat.cwd, env })
  const last = JSON.parse(deployed.stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  assert.equal(last['state'], 'registered', deployed.stdout)
  assert.equal((await newRegistry(network.chain).resolve('hello')).current.version, 1)
})
