import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { isRunning } from '../../src/base/process.ts'
import { startDevnet } from '../../src/devnet/process.ts'
import { devnetPath } from '../helpers/devnet.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { createDevnet, processesWith } from './running.ts'

const settings = { seed: 42, accounts: 1, startTime: 1_800_000_000, log: silentLog, onChild: () => undefined }

async function placeScript(t: TestContext, script: string): Promise<string> {
  const path = join(await temporaryFolder(t), 'starknet-devnet')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

test('a started devnet answers on a port that fetch accepts, and is gone after the kill', async () => {
  const { child, port, link } = await startDevnet({ ...settings, binary: await devnetPath() })
  const identity = await child.identity()
  const response = await fetch(`http://127.0.0.1:${port}/is_alive`)
  assert.equal(response.status, 200)
  await child.kill()
  link.close()
  assert.ok(identity)
  assert.equal(await isRunning(identity), false)
})

test('the person’s own environment does not make another chain', async (t) => {
  const before = process.env['BLOCK_GENERATION_ON']
  process.env['BLOCK_GENERATION_ON'] = 'demand'
  t.after(() => {
    if (before === undefined) delete process.env['BLOCK_GENERATION_ON']
    else process.env['BLOCK_GENERATION_ON'] = before
  })
  const devnet = createDevnet(t, await temporaryFolder(t))
  await devnet.start()
  await devnet.call('devnet_mint', { address: '0x1', amount: 1 })
  assert.equal(await devnet.call('starknet_blockNumber'), 1)
})

test('a binary that ends at once is told with its last words', async (t) => {
  const binary = await placeScript(t, 'echo "Error: no such thing" >&2; exit 3')
  await assert.rejects(startDevnet({ ...settings, binary }), {
    code: 'DEVNET_EXITED',
    message: /with code 3: Error: no such thing/,
  })
  const devnet = createDevnet(t, await temporaryFolder(t), { binary: () => Promise.resolve(binary) })
  await assert.rejects(devnet.start(), { code: 'DEVNET_EXITED' })
  assert.equal(devnet.state.error?.code, 'DEVNET_EXITED')
})

test('a binary that hangs is ended by the signal', async (t) => {
  const binary = await placeScript(t, 'sleep 60')
  const abort = new AbortController()
  const starting = startDevnet({ ...settings, binary }, abort.signal)
  setTimeout(() => abort.abort(), 50)
  await assert.rejects(starting, { name: 'AbortError' })
  assert.deepEqual(processesWith(binary), [])
})

test('a binary that is not there is told with its path', async () => {
  await assert.rejects(startDevnet({ ...settings, binary: '/nowhere/starknet-devnet' }), {
    code: 'DEVNET_EXITED',
    message: /\/nowhere\/starknet-devnet/,
  })
})
