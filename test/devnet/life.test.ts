import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Journal } from '../../src/base/disk/journal.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { blockOf, createDevnet, mint } from './running.ts'

test('a chain stopped and started again has the same blocks, times and balances', async (t) => {
  const folder = await temporaryFolder(t)
  const first = createDevnet(t, folder)
  await first.start()
  await mint(first, '0x1')
  await first.call('devnet_setTime', { time: 1_900_000_000, generate_block: false })
  await mint(first, '0x1')
  await first.call('devnet_increaseTime', { time: 3_600 })
  await first.call('devnet_setGasPrice', { gas_price_wei: 5 })
  await mint(first, '0x2', 3)
  const before = await Promise.all([0, 1, 2, 3, 4].map((number) => blockOf(first, number)))
  await first.stop()

  const second = createDevnet(t, folder)
  await second.start()
  const after = await Promise.all([0, 1, 2, 3, 4].map((number) => blockOf(second, number)))
  assert.deepEqual(after, before)
  const times = before.map((block) => (block as { timestamp: number }).timestamp)
  assert.equal(times[2], 1_900_000_000)
  assert.ok((times[3] ?? 0) >= 1_900_003_600)
  assert.ok((times[4] ?? 0) >= (times[3] ?? 0))
  assert.equal(await mint(second, '0x1'), '3')
})

test('a snapshot taken before a restart can be gone back to after it', async (t) => {
  const folder = await temporaryFolder(t)
  const first = createDevnet(t, folder)
  await first.start()
  await mint(first, '0x1')
  const snapshot = await first.call('devnet_snapshot')
  await mint(first, '0x1')
  await first.stop()

  const second = createDevnet(t, folder)
  await second.start()
  assert.equal(await second.call('devnet_revert', { snapshot_id: snapshot }), true)
  assert.equal(await second.call('starknet_blockNumber'), 1)
  await second.stop()

  const third = createDevnet(t, folder)
  await third.start()
  assert.equal(await third.call('starknet_blockNumber'), 1)
})

test('a mint that reverts leaves its block behind after a restart as well', async (t) => {
  const folder = await temporaryFolder(t)
  const first = createDevnet(t, folder)
  await first.start()
  const request = `{"jsonrpc":"2.0","id":1,"method":"devnet_mint","params":{"address":"0x1","amount":${2n ** 256n - 1n}}}`
  await first.request(request)
  assert.match((await first.request(request)).body, /revert/i)
  const before = await first.call('starknet_blockHashAndNumber')
  await first.stop()

  const second = createDevnet(t, folder)
  await second.start()
  assert.deepEqual(await second.call('starknet_blockHashAndNumber'), before)
})

test('reads that crowd in do not confuse what the journal says about a write', async (t) => {
  const folder = await temporaryFolder(t)
  const devnet = createDevnet(t, folder)
  await devnet.start()
  let reading = true
  const crowd = Array.from({ length: 8 }, async () => {
    while (reading) await blockOf(devnet, 'latest')
  })
  for (let index = 0; index < 100; index++) await mint(devnet, '0x1')
  reading = false
  await Promise.all(crowd)
  const before = await blockOf(devnet, 'latest')
  await devnet.stop()
  const again = createDevnet(t, folder)
  await again.start()
  assert.deepEqual(await blockOf(again, 'latest'), before)
})

test('a torn last line was never acknowledged and is dropped', async (t) => {
  const folder = await temporaryFolder(t)
  const first = createDevnet(t, folder)
  await first.start()
  await mint(first, '0x1')
  await first.stop()
  const path = join(folder, 'chain.journal')
  const whole = await readFile(path, 'utf8')
  await writeFile(path, `${whole}${whole.split('\n')[1]?.slice(0, 60)}`)
  const second = createDevnet(t, folder)
  await second.start()
  assert.equal(await second.call('starknet_blockNumber'), 1)
  await second.stop()
  assert.equal(await readFile(path, 'utf8'), whole)
})

test('a damaged line stops the start; with repair the head is kept and the file set aside', async (t) => {
  const folder = await temporaryFolder(t)
  const first = createDevnet(t, folder)
  await first.start()
  for (let index = 0; index < 3; index++) await mint(first, '0x1')
  await first.stop()
  const path = join(folder, 'chain.journal')
  const lines = (await readFile(path, 'utf8')).split('\n')
  lines[2] = (lines[2] ?? '').replace('devnet_mint', 'devnet_mynt')
  const damaged = lines.join('\n')
  await writeFile(path, damaged)

  await assert.rejects(createDevnet(t, folder).start(), { code: 'STATE_DAMAGED', message: /line 3/ })
  assert.equal(await readFile(path, 'utf8'), damaged)

  const repaired = createDevnet(t, folder, { repair: true })
  await repaired.start()
  assert.equal(await repaired.call('starknet_blockNumber'), 1)
  const aside = (await readdir(folder)).find((name) => name.includes('damaged'))
  assert.equal(await readFile(join(folder, aside ?? ''), 'utf8'), damaged)
})

test('a chain of another seed or a newer format is refused and left as it is', async (t) => {
  const folder = await temporaryFolder(t)
  const first = createDevnet(t, folder)
  await first.start()
  await first.stop()
  const path = join(folder, 'chain.journal')
  const before = await readFile(path, 'utf8')
  await assert.rejects(createDevnet(t, folder, { seed: 7 }).start(), {
    code: 'CONFIG_INVALID',
    message: /made with 42/,
  })
  await assert.rejects(createDevnet(t, folder, { accounts: 3 }).start(), { code: 'CONFIG_INVALID' })
  assert.equal(await readFile(path, 'utf8'), before)

  const { journal } = await Journal.open({ path, parse: (value) => value })
  await journal.rewrite([{ kind: 'chain', format: 2, shape: 'unknown' }, { kind: 'something else' }])
  await journal.close()
  await assert.rejects(createDevnet(t, folder, { repair: true }).start(), { code: 'STATE_NEWER' })
})

test('a journal that the chain does not follow is refused, naming the entry', async (t) => {
  const folder = await temporaryFolder(t)
  const first = createDevnet(t, folder)
  await first.start()
  await mint(first, '0x1')
  await mint(first, '0x1')
  await first.stop()
  const path = join(folder, 'chain.journal')
  const { journal, records } = await Journal.open({ path, parse: (value) => value as { request?: string } })
  const [header, one, two] = records
  await journal.rewrite([
    header ?? {},
    one ?? {},
    { ...two, request: two?.request?.replace('0x1', '0x2') ?? '' },
  ])
  await journal.close()
  const devnet = createDevnet(t, folder)
  await assert.rejects(devnet.start(), { code: 'CHAIN_DIVERGED', message: /entry 2 of 2/ })
  assert.equal(devnet.state.phase, 'down')
  assert.equal(devnet.state.error?.code, 'CHAIN_DIVERGED')
})
