// Changes by the client: what each does, and what it says when it is refused.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RegistryChange } from '../../src/model.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { type Chain, openDoor, startChain } from '../helpers/chain.ts'
import { newRegistry, publicationOf, publishVersions, sha256 } from '../helpers/contract.ts'

describe('registry changes', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain
  let owner: Registry
  let other: Registry

  before(async () => {
    chain = await startChain()
    owner = newRegistry(chain, 0)
    other = newRegistry(chain, 1)
    await owner.ensureDeployed({})
  })
  after(() => chain.stop())

  const publish = (name: string, count: number): Promise<void> => publishVersions(owner, name, count)
  const addressOf = (account: number): string => chain.accounts[account]?.address ?? ''

  it('points a name back, and takes a version out of use', async () => {
    await publish('back', 3)
    const { transactionHash, blockNumber } = await owner.change(
      { kind: 'set-current', name: 'back', version: 1 },
      {},
    )
    assert.match(transactionHash, /^0x[0-9a-f]+$/)
    assert.ok(blockNumber > 0)
    assert.equal((await owner.resolve('back')).current.version, 1)
    await owner.change({ kind: 'yank', name: 'back', version: 2 }, {})
    assert.equal((await owner.getVersion('back', 2)).yanked, true)
  })

  it('hands a name over, once it is accepted', async () => {
    await publish('handed', 1)
    await owner.change({ kind: 'transfer-ownership', name: 'handed', to: addressOf(1) }, {})
    assert.equal((await owner.resolve('handed')).owner, addressOf(0))
    await other.change({ kind: 'accept-ownership', name: 'handed' }, {})
    assert.equal((await owner.resolve('handed')).owner, addressOf(1))
    assert.equal((await other.publish(publicationOf('handed', 2), {})).version, 2)
  })

  it('lets maintainers publish until they are removed', async () => {
    await publish('shared', 1)
    const [account, name] = [addressOf(1), 'shared']
    await owner.change({ kind: 'add-maintainer', name, account }, {})
    assert.equal((await other.publish(publicationOf(name, 2), {})).version, 2)
    await owner.change({ kind: 'remove-maintainer', name, account }, {})
    await assert.rejects(other.publish(publicationOf(name, 3), {}), { code: 'NAME_TAKEN' })
  })

  it('counts who attests, and tells of each', async () => {
    const [name, version] = ['attested', 1]
    await publish(name, 1)
    assert.equal(await owner.hasAttested(name, version, addressOf(1)), false)
    await other.change({ kind: 'attest', name, version, sha256 }, {})
    assert.equal(await owner.hasAttested(name, version, addressOf(1)), true)
    assert.equal(await owner.hasAttested(name, version, addressOf(2)), false)
    assert.equal((await owner.getVersion(name, version)).attestations, 1)
  })

  it('says why a change was refused', async () => {
    const name = 'refused'
    await publish(name, 3)
    await owner.change({ kind: 'yank', name, version: 1 }, {})
    await other.change({ kind: 'attest', name, version: 2, sha256 }, {})
    const to = addressOf(2)
    const cases: [Registry, RegistryChange, string, string][] = [
      [other, { kind: 'set-current', name, version: 2 }, 'NAME_TAKEN', 'refused version 2'],
      [other, { kind: 'yank', name, version: 2 }, 'NAME_TAKEN', 'refused version 2'],
      [other, { kind: 'transfer-ownership', name, to }, 'NAME_TAKEN', 'refused (only its owner can do that)'],
      [other, { kind: 'accept-ownership', name }, 'TRANSACTION_REVERTED', 'not the pending owner'],
      [owner, { kind: 'set-current', name, version: 1 }, 'VERSION_YANKED', 'refused version 1'],
      [owner, { kind: 'yank', name, version: 1 }, 'VERSION_YANKED', 'refused version 1'],
      [
        owner,
        { kind: 'set-current', name, version: 3 },
        'TRANSACTION_REVERTED',
        'version is current already',
      ],
      [
        owner,
        { kind: 'yank', name, version: 9 },
        'FUNCTION_NOT_FOUND',
        'refused version 9 (version not found)',
      ],
      [owner, { kind: 'yank', name: 'nobodys', version: 1 }, 'FUNCTION_NOT_FOUND', 'nobodys version 1'],
      [other, { kind: 'attest', name, version: 1, sha256 }, 'VERSION_YANKED', 'refused version 1'],
      [other, { kind: 'attest', name, version: 2, sha256 }, 'TRANSACTION_REVERTED', 'already attested'],
      [
        other,
        { kind: 'attest', name, version: 3, sha256: 'cd'.repeat(32) },
        'TRANSACTION_REVERTED',
        'sha256 does not match',
      ],
    ]
    for (const [registry, change, code, detail] of cases) {
      await assert.rejects(registry.change(change, {}), { code, detail }, JSON.stringify(change))
    }
  })

  it('sends nothing that can not be meant', async () => {
    const [name, code] = ['meant', 'INPUT_INVALID']
    for (const version of [0, -1, 1.5, 2 ** 32]) {
      await assert.rejects(owner.change({ kind: 'yank', name, version }, {}), { code })
      await assert.rejects(owner.getVersion(name, version), { code })
    }
    for (const account of ['', 'owner', '0x', '0xzz', `0x${'f'.repeat(64)}`]) {
      await assert.rejects(owner.change({ kind: 'add-maintainer', name, account }, {}), { code })
      await assert.rejects(owner.hasAttested(name, 1, account), { code })
    }
    await assert.rejects(owner.change({ kind: 'attest', name, version: 1, sha256: 'ab' }, {}), { code })
    await assert.rejects(owner.publish({ ...publicationOf(name), sha256: 'no hash' }, {}), { code })
    await assert.rejects(owner.change({ kind: 'accept-ownership', name: 'a/b' }, {}), {
      code: 'NAME_INVALID',
    })
  })

  it('finds a change whose answer was lost', async () => {
    const door = await openDoor(chain)
    try {
      const registry = newRegistry(chain, 2, door)
      for (const size of [1, 2]) await registry.publish(publicationOf('lost', size), {})
      const change = { kind: 'set-current', name: 'lost', version: 1 } as const
      door.loseNextAnswer()
      await assert.rejects(registry.change(change, {}), { code: 'CHAIN_NOT_READY' })
      assert.ok((await registry.change(change, {})).blockNumber > 0)
      await assert.rejects(registry.change(change, {}), { code: 'TRANSACTION_REVERTED' })
    } finally {
      await door.close()
    }
  })
})
