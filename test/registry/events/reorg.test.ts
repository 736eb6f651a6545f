// What a follower of events is told when blocks of a real chain are no more what they were.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, after, before, describe, it } from 'node:test'
import { silentLog } from '../../../src/base/log.ts'
import { type RegistryNews, followRegistry } from '../../../src/registry/events.ts'
import type { Cursor } from '../../../src/registry/events/cursor.ts'
import { type Chain, startChain } from '../../helpers/chain.ts'
import { type TestContract, cid, deployContract, newRegistry } from '../../helpers/contract.ts'
import { undoAfter } from '../../helpers/undo.ts'
import { until } from '../../helpers/until.ts'

describe('a reorganisation', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain
  let contract: TestContract

  before(async () => {
    chain = await startChain('--state-archive-capacity', 'full')
    contract = await deployContract(chain)
  })
  after(() => chain.stop())

  const head = (): Promise<number> => contract.provider.getBlockNumber()
  const publish = async (name: string): Promise<void> => {
    const publication = { name, cid, sha256: 'cd'.repeat(32), size: 1, sourceCid: '' }
    await newRegistry(chain).publish(publication, {})
  }
  const hashOf = async (block: number): Promise<unknown> => {
    const found = await contract.provider.getBlockWithTxHashes(block)
    return 'block_hash' in found && found.block_hash
  }
  const abortFrom = (block: number): Promise<unknown> =>
    chain.request('devnet_abortBlocks', { starting_block_id: { block_number: block } })
  const follow = (context: TestContext, endpoints: Partial<Chain>, from?: Cursor): RegistryNews[] => {
    const told: RegistryNews[] = []
    const ending = new AbortController()
    const start = from ?? { address: contract.address, blockNumber: 0, anchors: [] }
    const { rpcUrl = chain.rpcUrl, wsUrl } = endpoints
    const options = { rpcUrl, ...(wsUrl && { wsUrl }), from: start, signal: ending.signal, log: silentLog }
    const running = (async () => {
      for await (const news of followRegistry({ ...options, address: contract.address })) told.push(news)
    })()
    undoAfter(context, async () => {
      ending.abort()
      await running
    })
    return told
  }
  const namesOf = (told: RegistryNews[]): string[] =>
    told.flatMap((news) => (news.kind === 'events' ? news.events.map(({ name }) => name) : ['reorg']))
  const tells = (told: RegistryNews[], name: string): Promise<void> =>
    until(async () => namesOf(told).at(-1) === name, name)

  for (const kind of ['by subscription', 'by polling']) {
    it(`is told with the last block that stands, before what is there instead, ${kind}`, async (context) => {
      const from = { address: contract.address, blockNumber: await head(), anchors: [] }
      const told = follow(context, kind === 'by polling' ? {} : { wsUrl: chain.wsUrl }, from)
      await publish('stands')
      await tells(told, 'stands')
      const block = await head()
      await publish('falls')
      await publish('falls-too')
      await tells(told, 'falls-too')
      await abortFrom(block + 1)
      await tells(told, 'reorg')
      const reorg = told.findLast(({ kind }) => kind === 'reorg')
      assert.equal(reorg?.cursor.blockNumber, block)
      await publish('instead')
      await tells(told, 'instead')
      const names = namesOf(told)
      assert.deepEqual(names.slice(names.indexOf('stands')), [
        'stands',
        'falls',
        'falls-too',
        'reorg',
        'instead',
      ])
    })
  }

  it('is noticed from a stored cursor although the hash is the same, as devnet has it, and what stands is not told again', async (context) => {
    await publish('kept')
    const block = await head()
    await publish('dropped')
    const first = follow(context, {})
    await tells(first, 'dropped')
    const cursor = first.at(-1)?.cursor
    const hash = await hashOf(block + 1)
    await abortFrom(block + 1)
    await publish('other')
    assert.equal(await hashOf(block + 1), hash)
    const again = follow(context, {}, cursor)
    await tells(again, 'other')
    assert.deepEqual(namesOf(again), ['reorg', 'other'])
  })

  it('that comes while events are read takes back what was read of it', async (context) => {
    await publish('before')
    const block = await head()
    await publish('taken-back')
    const rpcUrl = await startMeddler(context, chain, async () => {
      await abortFrom(block + 1)
      await publish('in-its-place')
    })
    const told = follow(context, { rpcUrl })
    await tells(told, 'in-its-place')
    const names = namesOf(told)
    assert.equal(names.filter((name) => name === 'in-its-place').length, 1)
    const last = told.findLast((news) => news.kind === 'events' && news.events.length > 0)
    assert.equal(last?.cursor.blockNumber, await head())
    if (names.includes('taken-back')) assert.ok(names.lastIndexOf('reorg') > names.indexOf('taken-back'))
  })
})

/** A relay to the chain that does something between the first page of events and its delivery. */
async function startMeddler(
  context: TestContext,
  chain: Chain,
  meddle: () => Promise<void>,
): Promise<string> {
  let hasMeddled = false
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request)
      const headers = { 'content-type': 'application/json' }
      const answer = await (await fetch(chain.rpcUrl, { method: 'POST', headers, body })).text()
      if (body.includes('starknet_getEvents') && !hasMeddled) {
        hasMeddled = true
        await meddle()
      }
      response.writeHead(200, headers).end(answer)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undoAfter(context, () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/rpc`
}
