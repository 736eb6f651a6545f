// The contract on a real chain: who may do what, and who has attested what.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, starknet } from '../helpers/contract.ts'

const { shortString } = starknet

const felt = (text: string): bigint => BigInt(shortString.encodeShortString(text))

describe('ownership in the registry contract', { concurrency: false }, () => {
  let chain: Chain
  let contract: TestContract
  let addresses: bigint[]
  const publish = (account: number, name: string): ReturnType<TestContract['invoke']> =>
    contract.invoke(account, 'publish', name, cid, 7n, 1, '')
  const reverted = async (account: number, ...call: [string, ...unknown[]]): Promise<string | undefined> =>
    (await contract.invoke(account, ...call)).reverted

  before(async () => {
    chain = await startChain()
    contract = await deployContract(chain)
    addresses = chain.accounts.map(({ address }) => BigInt(address))
  })
  after(() => chain.stop())

  it('hands a name over in two steps', async () => {
    await publish(0, 'two-step')
    const [offer] = (await contract.invoke(0, 'transfer_ownership', 'two-step', addresses[1])).events
    assert.deepEqual(offer, {
      name: 'OwnershipTransferStarted',
      fields: { name: felt('two-step'), owner: addresses[0], pending_owner: addresses[1] },
    })
    assert.equal(await contract.call('owner_of', 'two-step'), addresses[0])
    assert.equal(await contract.call('pending_owner_of', 'two-step'), addresses[1])
    const [taken] = (await contract.invoke(1, 'accept_ownership', 'two-step')).events
    assert.deepEqual(taken, {
      name: 'OwnershipTransferred',
      fields: { name: felt('two-step'), previous_owner: addresses[0], owner: addresses[1] },
    })
    assert.equal(await contract.call('owner_of', 'two-step'), addresses[1])
    assert.equal(await contract.call('pending_owner_of', 'two-step'), 0n)
    assert.equal((await publish(0, 'two-step')).reverted, 'not an owner or maintainer')
    assert.equal((await publish(1, 'two-step')).reverted, undefined)
  })

  it('lets an offer be replaced and withdrawn', async () => {
    await publish(0, 'offer')
    await contract.invoke(0, 'transfer_ownership', 'offer', addresses[1])
    await contract.invoke(0, 'transfer_ownership', 'offer', addresses[2])
    assert.equal(await reverted(1, 'accept_ownership', 'offer'), 'not the pending owner')
    await contract.invoke(0, 'transfer_ownership', 'offer', 0)
    assert.equal(await reverted(2, 'accept_ownership', 'offer'), 'not the pending owner')
  })

  it('refuses offers by others, to the owner and of unknown names', async () => {
    await publish(0, 'refuse')
    assert.equal(await reverted(1, 'transfer_ownership', 'refuse', addresses[1]), 'not the owner')
    assert.equal(await reverted(0, 'transfer_ownership', 'refuse', addresses[0]), 'already the owner')
    assert.equal(await reverted(0, 'transfer_ownership', 'nobodys', addresses[1]), 'function not found')
    assert.equal(await reverted(0, 'accept_ownership', 'nobodys'), 'function not found')
  })

  it('lets maintainers publish, choose and yank, and no more', async () => {
    await publish(0, 'team')
    const { events } = await contract.invoke(0, 'add_maintainer', 'team', addresses[1])
    assert.deepEqual(events, [
      { name: 'MaintainerAdded', fields: { name: felt('team'), account: addresses[1] } },
    ])
    assert.equal(await contract.call('is_maintainer', 'team', addresses[1]), true)
    assert.equal(await contract.call('is_maintainer', 'team', addresses[0]), false)
    assert.equal((await publish(1, 'team')).reverted, undefined)
    assert.equal(await reverted(1, 'set_current', 'team', 1), undefined)
    assert.equal(await reverted(1, 'yank', 'team', 2), undefined)
    assert.equal(await reverted(1, 'transfer_ownership', 'team', addresses[2]), 'not the owner')
    assert.equal(await reverted(1, 'add_maintainer', 'team', addresses[2]), 'not the owner')
    assert.equal(await contract.call('owner_of', 'team'), addresses[0])
  })

  it('lets the owner remove a maintainer, and a maintainer leave', async () => {
    await publish(0, 'leave')
    for (const account of [1, 2]) await contract.invoke(0, 'add_maintainer', 'leave', addresses[account])
    assert.equal(await reverted(1, 'remove_maintainer', 'leave', addresses[2]), 'not the owner')
    const { events } = await contract.invoke(0, 'remove_maintainer', 'leave', addresses[1])
    assert.deepEqual(events, [
      { name: 'MaintainerRemoved', fields: { name: felt('leave'), account: addresses[1] } },
    ])
    assert.equal(await reverted(2, 'remove_maintainer', 'leave', addresses[2]), undefined)
    for (const account of [1, 2]) {
      assert.equal((await publish(account, 'leave')).reverted, 'not an owner or maintainer')
    }
  })

  it('refuses maintainers that make no sense', async () => {
    await publish(0, 'sense')
    assert.equal(await reverted(0, 'add_maintainer', 'sense', 0), 'account is zero')
    assert.equal(await reverted(0, 'add_maintainer', 'sense', addresses[0]), 'already the owner')
    assert.equal(await reverted(0, 'remove_maintainer', 'sense', addresses[1]), 'not a maintainer')
    assert.equal(await reverted(1, 'remove_maintainer', 'sense', addresses[1]), 'not a maintainer')
    assert.equal(await reverted(0, 'add_maintainer', 'nobodys', addresses[1]), 'function not found')
    assert.equal(await reverted(0, 'remove_maintainer', 'nobodys', addresses[1]), 'function not found')
    await contract.invoke(0, 'add_maintainer', 'sense', addresses[1])
    assert.equal(await reverted(0, 'add_maintainer', 'sense', addresses[1]), 'already a maintainer')
  })

  it('ends the rights of maintainers with the ownership that gave them, for good', async () => {
    await publish(0, 'tenure')
    await contract.invoke(0, 'add_maintainer', 'tenure', addresses[2])
    await contract.invoke(0, 'transfer_ownership', 'tenure', addresses[1])
    await contract.invoke(1, 'accept_ownership', 'tenure')
    assert.equal(await contract.call('is_maintainer', 'tenure', addresses[2]), false)
    await contract.invoke(1, 'transfer_ownership', 'tenure', addresses[0])
    await contract.invoke(0, 'accept_ownership', 'tenure')
    assert.equal((await publish(2, 'tenure')).reverted, 'not an owner or maintainer')
  })

  it('counts who has attested a version', async () => {
    await publish(0, 'attest')
    const { events } = await contract.invoke(1, 'attest', 'attest', 1, 7n)
    assert.deepEqual(events, [
      {
        name: 'VersionAttested',
        fields: { name: felt('attest'), verifier: addresses[1], version: 1n, sha256: 7n },
      },
    ])
    await contract.invoke(2, 'attest', 'attest', 1, 7n)
    const version = (await contract.call('get_version', 'attest', 1)) as { attestations: bigint; cid: string }
    assert.equal(version.attestations, 2n)
    assert.equal(version.cid, cid)
    assert.equal(await contract.call('has_attested', 'attest', 1, addresses[1]), true)
    assert.equal(await contract.call('has_attested', 'attest', 1, addresses[0]), false)
  })

  it('refuses attestations that are wrong, doubled or of nothing', async () => {
    await publish(0, 'wrong')
    assert.equal(await reverted(1, 'attest', 'wrong', 1, 8n), 'sha256 does not match')
    assert.equal(await reverted(1, 'attest', 'wrong', 2, 7n), 'version not found')
    assert.equal(await reverted(1, 'attest', 'nobodys', 1, 7n), 'function not found')
    await contract.invoke(1, 'attest', 'wrong', 1, 7n)
    assert.equal(await reverted(1, 'attest', 'wrong', 1, 7n), 'already attested')
    await contract.invoke(0, 'yank', 'wrong', 1)
    assert.equal(await reverted(2, 'attest', 'wrong', 1, 7n), 'version is yanked')
  })
})
