// Names while the chain changes under them: aborted blocks, another chain, an RPC that is away.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { Registry } from '../../src/registry/registry.ts'
import { type Chain, openDoor, startChain } from '../helpers/chain.ts'
import {
  type TestContract,
  artifactsFolder,
  deployContract,
  newRegistry,
  starknet,
} from '../helpers/contract.ts'
import { answers, followChain, startFollower, versionOf } from '../helpers/follower.ts'
import { until } from '../helpers/until.ts'

describe('a chain that changes', { concurrency: false, timeout: 240_000 }, () => {
  let chain: Chain
  let contract: TestContract

  before(async () => {
    chain = await startChain('--state-archive-capacity', 'full')
    contract = await deployContract(chain)
  })
  after(() => chain.stop())

  for (const kind of ['by subscription', 'by polling']) {
    const over = ({
      rpcUrl,
      wsUrl,
    }: {
      rpcUrl: string
      wsUrl: string
    }): { rpcUrl: string; wsUrl?: string } => (kind === 'by polling' ? { rpcUrl } : { rpcUrl, wsUrl })
    const word = kind.slice(3)

    it(`takes back what aborted blocks said, ${kind}`, async (context) => {
      const bench = await followChain(context, chain, { endpoints: over(chain) })
      const [stays, gone] = [`stays-${word}`, `gone-${word}`]
      await bench.follower.answers(await bench.publish(stays, 'one'))
      const from = (await contract.provider.getBlockNumber()) + 1
      await bench.follower.answers(await bench.publish(stays, 'two'))
      await bench.follower.answers(await bench.publish(gone, 'three'))
      await chain.request('devnet_abortBlocks', { starting_block_id: { block_number: from } })
      await answers(bench, stays, 1)
      await answers(bench, gone, 0)
      await bench.follower.answers(await bench.publish(stays, 'other two'))
      assert.equal(bench.served.answering(stays)?.version, 2)
      assert.equal(bench.loads(), 4)
    })

    it(`brings back what was only yanked in aborted blocks, ${kind}`, async (context) => {
      const bench = await followChain(context, chain, { endpoints: over(chain) })
      const name = `yank-${word}`
      await bench.follower.answers(await bench.publish(name, 'one'))
      const from = (await contract.provider.getBlockNumber()) + 1
      await contract.invoke(0, 'yank', name, 1)
      await answers(bench, name, 0)
      await chain.request('devnet_abortBlocks', { starting_block_id: { block_number: from } })
      await answers(bench, name, 1)
    })

    it(`does not load again what the same publication says in another block, ${kind}`, async (context) => {
      const bench = await followChain(context, chain, { endpoints: over(chain) })
      const name = `again-${word}`
      const from = (await contract.provider.getBlockNumber()) + 1
      const first = await bench.publish(name, 'one')
      await bench.follower.answers(first)
      await chain.request('devnet_abortBlocks', { starting_block_id: { block_number: from } })
      await chain.request('devnet_createBlock')
      const second = await bench.publish(name, 'one')
      assert.equal(second.transactionHash, first.transactionHash)
      assert.notEqual(second.blockNumber, first.blockNumber)
      await until(async () => bench.served.currentSince(name) === second.blockNumber)
      assert.equal(bench.answering(name), 1)
      assert.equal(bench.loads(), 1)
    })

    it(`notices after a restart of its own that the blocks are others, ${kind}`, async (context) => {
      const bench = await followChain(context, chain, { endpoints: over(chain) })
      const name = `slept-${word}`
      await bench.follower.answers(await bench.publish(name, 'one'))
      const from = (await contract.provider.getBlockNumber()) + 1
      await bench.follower.answers(await bench.publish(name, 'two'))
      await bench.stop()
      await chain.request('devnet_abortBlocks', { starting_block_id: { block_number: from } })
      for (let count = 0; count < 3; count++) await chain.request('devnet_createBlock')
      const again = await startFollower(context, bench.parts)
      await answers(again, name, 1)
    })

    it(`waits for an RPC that is down, says so once, and misses nothing, ${kind}`, async (context) => {
      const door = await openDoor(chain)
      context.after(() => door.close())
      const bench = await followChain(context, chain, { endpoints: over(door) })
      const name = `down-${word}`
      await bench.follower.answers(await bench.publish(name, 'one'))
      await door.shut()
      await until(async () => /waiting for the chain/.test(bench.progress.at(-1)?.doing ?? ''))
      for (const words of ['two', 'three']) await bench.publish(name, words)
      // Long enough for it to have asked several times.
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      assert.equal(bench.answering(name), 1)
      await door.open()
      await answers(bench, name, 3)
      await until(async () => bench.messages.some((message) => /answers again/.test(message)))
      assert.equal(bench.progress.at(-1), undefined)
      const said = bench.messages.filter((message) => /the chain/.test(message))
      assert.equal(said.length, 2, said.join('\n'))
      assert.match(said[0] ?? '', /^warn events wait for the chain/)
      assert.match(said[1] ?? '', /^info the chain answers again/)
      // Of what was missed only the last is loaded.
      assert.equal(bench.loads(), 2)
    })
  }

  it('forgets the names of a chain that is another one, though it is as long', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('old-chain', 'one'))
    const long = await contract.provider.getBlockNumber()
    await bench.stop()
    await chain.request('devnet_restart')
    contract = await deployContract(chain)
    while ((await contract.provider.getBlockNumber()) <= long) await chain.request('devnet_createBlock')
    const again = await startFollower(context, { ...bench.parts, registry: newRegistry(chain) })
    assert.equal(versionOf(again, 'old-chain'), 1)
    await answers(again, 'old-chain', 0)
    await again.follower.answers(await bench.publish('new-chain', 'one'))
    assert.ok(again.messages.some((message) => /another one from block 1 on/.test(message)))
  })

  it('forgets the names of another registry on the same chain', async (context) => {
    const bench = await followChain(context, chain)
    await bench.follower.answers(await bench.publish('here', 'one'))
    await bench.stop()
    const { classHash } = await newRegistry(chain).ensureDeployed({})
    const { address, privateKey } = chain.accounts[2] ?? { address: '', privateKey: '' }
    const account = new starknet.Account({ provider: contract.provider, address, signer: privateKey })
    const { contract_address: other } = await account.deployContract({
      classHash,
      salt: '0x2',
      unique: false,
    })
    const again = await startFollower(context, {
      ...bench.parts,
      address: other,
      registry: new Registry({
        ...chain,
        account: { address, privateKey },
        address: other,
        artifactsFolder,
        log: silentLog,
      }),
    })
    assert.equal(versionOf(again, 'here'), 1)
    await answers(again, 'here', 0)
  })
})
