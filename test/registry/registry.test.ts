// The client on a real chain: deploying, publishing under load and under loss, and reading.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Publication } from '../../src/model.ts'
import { type Chain, openDoor, startChain } from '../helpers/chain.ts'
import { cid, deployContract, newRegistry } from '../helpers/contract.ts'

const publication = (name: string, size = 10): Publication => ({
  name,
  cid,
  sha256: 'ab'.repeat(32),
  size,
  sourceCid: '',
})

describe('registry client', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain

  before(async () => {
    chain = await startChain()
    await newRegistry(chain).ensureDeployed({})
  })
  after(() => chain.stop())

  it('deploys once, at the address that is known before', async () => {
    const fresh = await startChain()
    try {
      const registries = [newRegistry(fresh), newRegistry(fresh), newRegistry(fresh, 1)]
      const places = await Promise.all(registries.map((registry) => registry.ensureDeployed({})))
      assert.deepEqual(places[1], places[0])
      assert.deepEqual(places[2], places[0])
      assert.deepEqual(await newRegistry(chain).ensureDeployed({}), places[0])
    } finally {
      await fresh.stop()
    }
  })

  it('gives back what the chain has taken', async () => {
    const registry = newRegistry(chain)
    const { transactionHash, blockNumber, ...registered } = await registry.publish(publication('taken'), {})
    assert.deepEqual(registered, {
      ...publication('taken'),
      version: 1,
      publisher: chain.accounts[0]?.address,
    })
    assert.match(transactionHash, /^0x[0-9a-f]+$/)
    assert.ok(blockNumber > 0)
    const resolved = await registry.resolve('taken')
    assert.equal(resolved.owner, chain.accounts[0]?.address)
    assert.equal(resolved.versionCount, 1)
    assert.equal(resolved.current.cid, cid)
    assert.equal(resolved.current.sha256, 'ab'.repeat(32))
    assert.deepEqual(await registry.getVersion('taken', 1), resolved.current)
  })

  it('takes a name that looks like a number for a name', async () => {
    const registry = newRegistry(chain)
    for (const name of ['42', '0x41', '0']) {
      assert.equal((await registry.publish(publication(name), {})).name, name)
      assert.equal((await registry.resolve(name)).name, name)
    }
  })

  it('publishes twenty at one time, each in its own version and block', async () => {
    const registry = newRegistry(chain)
    const sizes = Array.from({ length: 20 }, (_, index) => index + 1)
    const done = await Promise.all(sizes.map((size) => registry.publish(publication('parallel', size), {})))
    assert.deepEqual(
      done.map(({ version, size }) => [version, size]),
      sizes.map((size) => [size, size]),
    )
    assert.equal((await registry.resolve('parallel')).versionCount, 20)
  })

  it('goes on after somebody else has used the account', async () => {
    const [one, other] = [newRegistry(chain), newRegistry(chain)]
    for (const [index, registry] of [one, other, other, one, other].entries()) {
      assert.equal((await registry.publish(publication('shared'), {})).version, index + 1)
    }
    const both = [one, other, one, other].map((registry) => registry.publish(publication('shared'), {}))
    const versions = (await Promise.all(both)).map(({ version }) => version)
    assert.deepEqual(versions.sort(), [6, 7, 8, 9])
  })

  it('says that a name is taken, and goes on', async () => {
    await newRegistry(chain, 0).publish(publication('owned'), {})
    const other = newRegistry(chain, 1)
    await assert.rejects(other.publish(publication('owned'), {}), { code: 'NAME_TAKEN', detail: 'owned' })
    assert.equal((await other.publish(publication('free'), {})).version, 1)
  })

  it('passes on why the contract refused', async () => {
    const registry = newRegistry(chain)
    await assert.rejects(registry.publish({ ...publication('refused'), size: 0 }, {}), {
      code: 'TRANSACTION_REVERTED',
      detail: 'size is missing',
    })
    await assert.rejects(registry.publish(publication('not a name'), {}), { code: 'NAME_INVALID' })
  })

  it('says what is not there', async () => {
    const registry = newRegistry(chain)
    await registry.publish(publication('there'), {})
    await assert.rejects(registry.resolve('absent'), { code: 'FUNCTION_NOT_FOUND', detail: 'absent' })
    await assert.rejects(registry.getVersion('there', 7), {
      code: 'FUNCTION_NOT_FOUND',
      detail: 'there version 7 (version not found)',
    })
  })

  it('lists names page by page, also one without a current version', async () => {
    const fresh = await startChain()
    try {
      const contract = await deployContract(fresh)
      const registry = newRegistry(fresh)
      for (const name of ['a', 'b', 'c']) await registry.publish(publication(name), {})
      await contract.invoke(0, 'yank', 'b', 1)
      await contract.invoke(0, 'add_wasm_cid', 'old', {
        cid_address_part1: '0x516d',
        cid_address_part2: '0x0',
      })
      const names = async (offset: number, limit: number): Promise<string[]> =>
        (await registry.list({ offset, limit })).map(({ name }) => name)
      assert.deepEqual(await names(0, 2), ['a', 'b'])
      assert.deepEqual(await names(2, 10), ['c', 'old'])
      assert.deepEqual(await names(4, 10), [])
      const [a, b, , old] = await registry.list({ offset: 0, limit: 4 })
      // The list is read by hand, and one name by the library.
      const { current, ...resolved } = await registry.resolve('a')
      const { version, sha256, size } = current
      assert.deepEqual(a, { ...resolved, current: { version, cid, sha256, size } })
      assert.equal(b?.current, undefined)
      assert.deepEqual([old?.current?.cid, old?.current?.sha256, old?.current?.size], ['Qm', '', 0])
      await assert.rejects(registry.resolve('b'), {
        code: 'FUNCTION_NOT_FOUND',
        detail: 'b (no current version)',
      })
    } finally {
      await fresh.stop()
    }
  })

  it('says that the chain is not there, and goes on when it is', async () => {
    const door = await openDoor(chain)
    try {
      const registry = newRegistry(chain, 2, door)
      await registry.publish(publication('door'), {})
      await door.shut()
      await assert.rejects(registry.publish(publication('door', 11), {}), { code: 'CHAIN_NOT_READY' })
      await assert.rejects(registry.resolve('door'), { code: 'CHAIN_NOT_READY' })
      await door.open()
      assert.equal((await registry.publish(publication('door', 11), {})).version, 2)
    } finally {
      await door.close()
    }
  })

  it('finds a publication whose answer was lost instead of publishing it twice', async () => {
    const door = await openDoor(chain)
    try {
      const registry = newRegistry(chain, 2, door)
      await registry.publish(publication('lost'), {})
      door.loseNextAnswer()
      await assert.rejects(registry.publish(publication('lost', 11), {}), { code: 'CHAIN_NOT_READY' })
      assert.equal((await newRegistry(chain).resolve('lost')).versionCount, 2)
      assert.equal((await registry.publish(publication('lost', 11), {})).version, 2)
      assert.equal((await registry.publish(publication('lost', 11), {})).version, 3)
    } finally {
      await door.close()
    }
  })

  it('does not send what was cancelled while it waited for its turn', async () => {
    const registry = newRegistry(chain)
    await registry.publish(publication('cancel'), {})
    const cancel = new AbortController()
    const first = registry.publish(publication('cancel'), {})
    const second = registry.publish(publication('cancel'), { signal: cancel.signal })
    cancel.abort()
    await assert.rejects(second, { code: 'CANCELLED' })
    await first
    assert.equal((await registry.resolve('cancel')).versionCount, 2)
  })

  it('says when there is no registry at the address', async () => {
    const account = chain.accounts[0] ?? { address: '0x1', privateKey: '0x1' }
    const { Registry } = await import('../../src/registry/registry.ts')
    const { silentLog } = await import('../../src/base/log.ts')
    const { artifactsFolder } = await import('../helpers/contract.ts')
    const registry = new Registry({
      rpcUrl: chain.rpcUrl,
      account,
      address: '0x1234',
      artifactsFolder,
      log: silentLog,
    })
    await assert.rejects(registry.ensureDeployed({}), { code: 'RPC_REFUSED' })
    await assert.rejects(registry.resolve('any'), { code: 'RPC_REFUSED' })
  })
})
