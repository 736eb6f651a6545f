// Two accounts that publish under one new name at the same time: one owns it, and of the other nothing is kept.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'node:test'
import { toWasmateError } from '../../src/base/errors.ts'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, newRegistry, starknet } from '../helpers/contract.ts'

const { shortString } = starknet

const sizes = [10, 20]
const decode = (felt: bigint): string => shortString.decodeShortString(`0x${felt.toString(16)}`)

describe('two owners racing for one name', { concurrency: false }, () => {
  it('each in a block of its own: one owns it, the other is told that it is taken', async () => {
    const chain = await startChain()
    try {
      const contract = await deployContract(chain)
      const registries = [0, 1].map((account) => newRegistry(chain, account))
      for (let round = 0; round < 6; round++) {
        const name = `race-${round}`
        // Each goes first in turn, so that not always the same one wins.
        const order = round % 2 === 0 ? [0, 1] : [1, 0]
        const codes: (string | undefined)[] = []
        await Promise.all(
          order.map(async (account) => {
            const what = { name, cid, sha256: '07'.repeat(32), size: sizes[account] ?? 0, sourceCid: '' }
            const failed = await registries[account]?.publish(what, {}).then(() => undefined, toWasmateError)
            codes[account] = failed?.code
          }),
        )
        const loser = codes.indexOf('NAME_TAKEN')
        assert.deepEqual([codes[loser], codes[1 - loser]], ['NAME_TAKEN', undefined])
        await assertOnly(contract, chain, { name, winner: 1 - loser, names: round + 1 })
      }
    } finally {
      await chain.stop()
    }
  })

  it('both in one block: the first in it owns the name, the other is reverted', async () => {
    const chain = await startChain('--block-generation-on', 'demand')
    try {
      const contract = await withBlocks(chain, deployContract(chain))
      await chain.request('devnet_createBlock')
      const sent = [0, 1].map((account) =>
        contract.send(account, 'publish', 'race', cid, 7n, sizes[account], ''),
      )
      await untilPending(chain, 2)
      const receipts = await withBlocks(chain, Promise.all(sent))
      const [first, second] = receipts
      assert.equal(first?.blockNumber, second?.blockNumber)
      const reverted = receipts.map(({ revertReason }) => revertReason !== undefined)
      assert.deepEqual([...reverted].sort(), [false, true])
      const loser = reverted.indexOf(true)
      assert.match(receipts[loser]?.revertReason ?? '', /not an owner or maintainer/)
      await assertOnly(contract, chain, { name: 'race', winner: 1 - loser, names: 1 })
    } finally {
      await chain.stop()
    }
  })
})

async function assertOnly(
  contract: TestContract,
  chain: Chain,
  { name, winner, names }: { name: string; winner: number; names: number },
): Promise<void> {
  const addresses = chain.accounts.map(({ address }) => BigInt(address))
  assert.equal(await contract.call('owner_of', name), addresses[winner])
  const versions = (await contract.call('versions', name, 0, 10)) as Record<string, unknown>[]
  assert.deepEqual(
    versions.map(({ number, publisher, size }) => ({ number, publisher, size })),
    [{ number: 1n, publisher: addresses[winner], size: BigInt(sizes[winner] ?? 0) }],
  )
  assert.equal(await contract.call('is_maintainer', name, addresses[1 - winner]), false)
  assert.equal(await contract.call('function_count'), BigInt(names))
  const listed = (await contract.call('functions', 0, names + 1)) as { name: bigint }[]
  assert.equal(listed.filter((each) => decode(each.name) === name).length, 1)
  const { events } = await contract.provider.getEvents({
    ...{ from_block: { block_number: 0 }, to_block: 'latest', address: contract.address, chunk_size: 100 },
    keys: [[], [shortString.encodeShortString(name)]],
  })
  assert.deepEqual(
    events.map(({ keys }) => BigInt(keys[2] ?? 0)),
    [addresses[winner]],
  )
}

/** Makes blocks until the work is done. */
async function withBlocks<T>(chain: Chain, work: Promise<T>): Promise<T> {
  let isDone = false
  const done = work.finally(() => void (isDone = true))
  done.catch(() => undefined)
  while (!isDone) {
    await chain.request('devnet_createBlock')
    await Promise.race([done, sleep(20)]).catch(() => undefined)
  }
  return done
}

async function untilPending(chain: Chain, count: number): Promise<void> {
  const read = async (): Promise<number> =>
    (await chain.request('starknet_getBlockTransactionCount', { block_id: 'pre_confirmed' })) as number
  while ((await read()) < count) await sleep(10)
}
