import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DevnetState } from '../../src/devnet/supervisor.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { blockOf, childPid, createDevnet, mint, reach } from './running.ts'

test('a killed devnet comes back by itself and requests wait for it', async (t) => {
  const states: DevnetState[] = []
  const devnet = createDevnet(t, await temporaryFolder(t), { onState: (state) => states.push(state) })
  await devnet.start()
  for (let index = 0; index < 20; index++) await mint(devnet, '0x1')
  const before = await blockOf(devnet, 'latest')
  const pid = childPid(devnet)
  states.length = 0
  process.kill(pid, 'SIGKILL')
  await reach(states, 'restoring')
  assert.deepEqual(await blockOf(devnet, 'latest'), before)
  assert.notEqual(childPid(devnet), pid)
  assert.ok(states.some(({ progress }) => progress?.doing === 'restoring 1 of 20 transactions'))
})

test('every acknowledged write survives a kill in the middle of a stream, and none is doubled', async (t) => {
  const devnet = createDevnet(t, await temporaryFolder(t))
  await devnet.start()
  const outcomes: string[] = []
  const body = '{"jsonrpc":"2.0","id":7,"method":"devnet_mint","params":{"address":"0x5","amount":1}}'
  const stream = Array.from({ length: 120 }, async (_none, index) => {
    const answer = JSON.parse((await devnet.request(body)).body) as {
      result?: unknown
      error?: { message: string }
    }
    outcomes.push(answer.error?.message ?? 'acknowledged')
    if (index === 40 || index === 90) process.kill(childPid(devnet), 'SIGKILL')
  })
  await Promise.all(stream)
  const acknowledged = outcomes.filter((outcome) => outcome === 'acknowledged').length
  const lost = outcomes.filter((outcome) => outcome.includes('it did not happen'))
  assert.equal(acknowledged + lost.length, 120, outcomes.join('\n'))
  assert.equal(await mint(devnet, '0x5', 0), String(acknowledged))
  assert.equal(await devnet.call('starknet_blockNumber'), acknowledged + 1)
})

test('a request without an answer yet is refused while the binary is still being made', async (t) => {
  const states: DevnetState[] = []
  const devnet = createDevnet(t, await temporaryFolder(t), {
    binary: ({ signal, report }) =>
      new Promise((_resolve, reject) => {
        report?.({ doing: 'building starknet-devnet' })
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      }),
    onState: (state) => states.push(state),
  })
  const starting = devnet.start()
  const failed = assert.rejects(starting, { code: 'CANCELLED' })
  await reach(states, 'starting')
  const { status, body } = await devnet.request('{"jsonrpc":"2.0","id":"a","method":"starknet_blockNumber"}')
  assert.equal(status, 503)
  assert.deepEqual((JSON.parse(body) as { id: unknown }).id, 'a')
  assert.match(body, /CHAIN_NOT_READY.*/)
  assert.match(body, /building starknet-devnet/)
  await devnet.stop()
  await failed
  assert.equal(devnet.state.phase, 'down')
})

test('devnet_restart begins a new chain, and the old one does not come back', async (t) => {
  const folder = await temporaryFolder(t)
  const devnet = createDevnet(t, folder)
  await devnet.start()
  await mint(devnet, '0x1')
  assert.equal(await devnet.call('devnet_restart'), null)
  assert.equal(await devnet.call('starknet_blockNumber'), 0)
  await mint(devnet, '0x2')
  await devnet.stop()
  const again = createDevnet(t, folder)
  await again.start()
  assert.equal(await again.call('starknet_blockNumber'), 1)
})

test('dump, load and messages of another chain are refused with the reason', async (t) => {
  const devnet = createDevnet(t, await temporaryFolder(t))
  await devnet.start()
  for (const method of ['devnet_dump', 'devnet_load', 'devnet_postmanLoad', 'devnet_postmanFlush']) {
    await assert.rejects(devnet.call(method), { code: 'RPC_REFUSED', message: /journal|another chain/ })
  }
})

test('a batch that mixes reads and writes is answered in order, and keeps ids and large numbers', async (t) => {
  const devnet = createDevnet(t, await temporaryFolder(t))
  await devnet.start()
  const call = (id: unknown, method: string, params: string): string =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"${method}","params":${params}}`
  const amount = '1000000000000000000001'
  const { body } = await devnet.request(
    `[ ${call('a', 'starknet_blockNumber', '[]')}, ${call(2, 'devnet_mint', `{"address":"0x9","amount":${amount}}`)},
       ${call(null, 'starknet_blockNumber', '[]')} , ${call('d', 'devnet_dump', '{}')} ]`,
  )
  const answers = JSON.parse(body) as { id: unknown; result?: unknown; error?: { code: number } }[]
  assert.deepEqual(
    answers.map(({ id }) => id),
    ['a', 2, null, 'd'],
  )
  assert.equal(answers[0]?.result, 0)
  assert.equal((answers[1]?.result as { new_balance: string }).new_balance, amount)
  assert.equal(answers[2]?.result, 1)
  assert.equal(answers[3]?.error?.code, -32604)
})

test('stop is legal at any moment and may be repeated', async (t) => {
  const folder = await temporaryFolder(t)
  for (const delayMs of [0, 20, 300, 560, 700]) {
    const devnet = createDevnet(t, folder)
    await devnet.stop()
    const started = devnet.start().catch((error: unknown) => assert.match(String(error), /Cancelled/))
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    await Promise.all([devnet.stop(), devnet.stop()])
    await started
    assert.equal(devnet.state.phase, 'down')
  }
})
