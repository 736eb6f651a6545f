// Following the registry on a real chain: nothing missed, nothing twice, whatever the connection does.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createLog } from '../../src/base/log.ts'
import type { RegistryEvent } from '../../src/model.ts'
import { watchRegistry } from '../../src/registry/events.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { type Chain, type Door, openDoor, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, newRegistry, starknet } from '../helpers/contract.ts'

describe('registry events', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain
  let contract: TestContract
  let registry: Registry
  let size = 0

  const publish = async (name: string, count = 1): Promise<void> => {
    for (let index = 0; index < count; index++) {
      size += 1
      await registry.publish({ name, cid, sha256: 'cd'.repeat(32), size, sourceCid: '' }, {})
    }
  }
  const latestBlock = (): Promise<number> => contract.provider.getBlockNumber()
  const watch = (from: number, endpoints: { rpcUrl: string; wsUrl?: string }): Watching =>
    new Watching(from, contract.address, endpoints)

  before(async () => {
    chain = await startChain('--state-archive-capacity', 'full')
    contract = await deployContract(chain)
    registry = newRegistry(chain)
  })
  after(() => chain.stop())

  for (const kind of ['by subscription', 'by polling']) {
    const name = (word: string): string => `${word}-${kind.slice(3)}`
    const endpoints = (door?: Door): { rpcUrl: string; wsUrl?: string } => {
      const { rpcUrl, wsUrl } = door ?? chain
      return kind === 'by polling' ? { rpcUrl } : { rpcUrl, wsUrl }
    }

    it(`gives what happened before and what happens now, in order, ${kind}`, async () => {
      const from = await latestBlock()
      await publish(name('past'), 3)
      const watching = watch(from, endpoints())
      await watching.count(3)
      await publish(name('live'), 3)
      await watching.count(6)
      await contract.invoke(0, 'set_current', name('live'), 1)
      await contract.invoke(0, 'yank', name('live'), 1)
      const events = await watching.count(9)
      await watching.stop()
      assert.deepEqual(events.slice(0, 6).map(describeEvent), expectedVersions(name('past'), name('live')))
      const blocks = events.map(({ blockNumber }) => blockNumber)
      assert.deepEqual(
        blocks,
        blocks.toSorted((a, b) => a - b),
      )
      const [chosen, yanked, none] = events.slice(6)
      assert.ok(chosen?.kind === 'current-changed' && none?.kind === 'current-changed')
      assert.deepEqual([chosen.name, chosen.version, chosen.previous], [name('live'), 1, 3])
      assert.deepEqual([yanked?.kind, yanked?.name], ['yanked', name('live')])
      assert.deepEqual([none.version, none.previous], [0, 1])
      assert.match(chosen.blockHash, /^0x/)
      assert.deepEqual(watching.messages, [])
    })

    it(`gives every kind of event, ${kind}`, async () => {
      const from = await latestBlock()
      const every = name('every')
      const [, second, third] = chain.accounts.map(({ address }) => address)
      await publish(every)
      await contract.invoke(1, 'attest', every, 1, `0x${'cd'.repeat(32)}`)
      await contract.invoke(0, 'add_maintainer', every, third)
      await contract.invoke(0, 'remove_maintainer', every, third)
      await contract.invoke(0, 'transfer_ownership', every, second)
      await contract.invoke(1, 'accept_ownership', every)
      await contract.invoke(1, 'yank', every, 1)
      const watching = watch(from, endpoints())
      const events = await watching.count(8)
      await watching.stop()
      const said = events.map((event) => [event.kind, 'account' in event ? event.account : undefined])
      assert.deepEqual(said, [
        ['published', undefined],
        ['attested', undefined],
        ['maintainer-added', third],
        ['maintainer-removed', third],
        ['ownership-offered', second],
        ['ownership-transferred', second],
        ['yanked', second],
        ['current-changed', undefined],
      ])
      assert.ok(events.every((event) => event.name === every))
    })

    it(`starts after the block it is given, ${kind}`, async () => {
      await publish('before', 2)
      const watching = watch(await latestBlock(), endpoints())
      await publish('after')
      const events = await watching.count(1)
      await watching.stop()
      assert.deepEqual(
        events.map(({ name }) => name),
        ['after'],
      )
    })

    it(`misses nothing while the connection is away, ${kind}`, async () => {
      const door = await openDoor(chain)
      const watching = watch(await latestBlock(), endpoints(door))
      try {
        await publish('away')
        await watching.count(1)
        for (let round = 1; round <= 2; round++) {
          await door.shut()
          await publish('away', 2)
          await door.open()
          await publish('away')
          await watching.count(1 + 3 * round)
        }
      } finally {
        await watching.stop()
        await door.close()
      }
      const sizes = watching.events.map((event) => (event.kind === 'published' ? event.size : 0))
      assert.deepEqual(
        sizes,
        sizes.map((_, index) => size - 6 + index),
      )
    })

    it(`waits for a chain that is not there yet, ${kind}`, async () => {
      const door = await openDoor(chain)
      const from = await latestBlock()
      await door.shut()
      const watching = watch(from, endpoints(door))
      await publish('late')
      await door.open()
      try {
        assert.equal((await watching.count(1))[0]?.name, 'late')
      } finally {
        await watching.stop()
        await door.close()
      }
    })
  }

  it('polls when the socket does not open', async () => {
    const watching = watch(await latestBlock(), { rpcUrl: chain.rpcUrl, wsUrl: 'ws://127.0.0.1:9/ws' })
    await publish('no-socket', 2)
    await watching.count(2)
    await watching.stop()
  })

  it('gives the events of blocks that took the place of aborted ones', async () => {
    const watching = watch(await latestBlock(), chain)
    await publish('reorg', 2)
    await watching.count(2)
    await chain.request('devnet_abortBlocks', { starting_block_id: { block_number: await latestBlock() } })
    registry = newRegistry(chain)
    await publish('reorg', 2)
    const events = await watching.count(4)
    await watching.stop()
    assert.deepEqual(
      events.map((event) => event.kind === 'published' && event.version),
      [1, 2, 2, 3],
    )
  })

  it('catches up a thousand and more, page by page', async () => {
    const from = await latestBlock()
    const call = (index: number): { contractAddress: string; entrypoint: string; calldata: string[] } => ({
      contractAddress: contract.address,
      entrypoint: 'add_wasm_cid',
      calldata: ['0x6d616e79', '0x516d', `0x${(0x61000000 + index).toString(16)}`],
    })
    const { address, privateKey } = chain.accounts[0] ?? { address: '', privateKey: '' }
    const account = new starknet.Account({ provider: contract.provider, address, signer: privateKey })
    for (let batch = 0; batch < 11; batch++) {
      const calls = Array.from({ length: 100 }, (_, index) => call(batch * 100 + index))
      const { transaction_hash: hash } = await account.execute(calls, { tip: 0 })
      await contract.provider.waitForTransaction(hash, { retryInterval: 10 })
    }
    const watching = watch(from, chain)
    const events = await watching.count(1_100)
    await watching.stop()
    assert.deepEqual(
      events.map((event) => event.kind === 'published' && event.version),
      Array.from({ length: 1_100 }, (_, index) => index + 1),
    )
  })

  it('ends at once when it is told to, also while the chain is away', async () => {
    const door = await openDoor(chain)
    await door.shut()
    const watching = watch(0, door)
    await watching.stop()
    const live = watch(await latestBlock(), chain)
    await publish('end')
    await live.count(1)
    await live.stop()
    await door.close()
  })
})

/** Collects events until it is stopped; any event more than asked for is an error at the end. */
class Watching {
  readonly events: RegistryEvent[] = []
  readonly messages: string[] = []
  readonly #log = createLog((_level, _part, message) => this.messages.push(message))
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  #arrived: () => void = () => undefined
  #asked = 0

  constructor(from: number, address: string, { rpcUrl, wsUrl }: { rpcUrl: string; wsUrl?: string }) {
    const signal = this.#stop.signal
    const options = { rpcUrl, ...(wsUrl && { wsUrl }), address, from, signal, log: this.#log }
    this.#done = this.#collect(watchRegistry(options))
  }

  async count(count: number): Promise<RegistryEvent[]> {
    this.#asked = count
    while (this.events.length < count) {
      await new Promise<void>((resolve) => (this.#arrived = resolve))
    }
    return this.events
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
    assert.equal(this.events.length, this.#asked)
  }

  async #collect(events: AsyncIterable<RegistryEvent>): Promise<void> {
    for await (const event of events) {
      this.events.push(event)
      this.#arrived()
    }
  }
}

function describeEvent(event: RegistryEvent): string {
  return event.kind === 'published' ? event.name : event.kind
}

function expectedVersions(...names: string[]): string[] {
  return names.flatMap((name) => [name, name, name])
}
