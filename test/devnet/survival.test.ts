import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { identify, isRunning } from '../../src/base/process.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { createDevnet, mint } from './running.ts'

const holder = fileURLToPath(new URL('holder.ts', import.meta.url))

test('a killed parent leaves no devnet behind, and the next start has all that it acknowledged', async (t) => {
  const folder = await temporaryFolder(t)
  const parent = spawn(process.execPath, ['--import', 'tsx', holder, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => parent.kill('SIGKILL'))
  let acknowledged = 0
  let pid = 0
  for await (const line of createInterface(parent.stdout)) {
    const [word, number] = line.split(' ')
    if (word === 'child') pid = Number(number)
    else acknowledged = Number(number)
    if (acknowledged >= 25) break
  }
  const child = await identify(pid)
  assert.ok(child)
  const exited = once(parent, 'exit')
  parent.kill('SIGKILL')
  await exited
  while (await isRunning(child)) await new Promise((resolve) => setTimeout(resolve, 10))

  const devnet = createDevnet(t, folder)
  await devnet.start()
  const kept = Number(await mint(devnet, '0x5', 0))
  // What was written after the last line that was read here may be there too.
  assert.ok(kept >= acknowledged, `${kept} of ${acknowledged}`)
  assert.equal(await devnet.call('starknet_blockNumber'), kept + 1)
})
