// Every event of the contract as the chain gives it: what is a key, what is data, and that there is no other.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { registryAbi } from '../../src/registry/abi.ts'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, starknet } from '../helpers/contract.ts'

const { hash, shortString } = starknet

const sha256 = (5n << 128n) + 6n
const felt = (text: string): bigint => BigInt(shortString.encodeShortString(text))
/** Full words of 31 bytes, then what is left and its length. */
const byteArray = (text: string): bigint[] => [1n, felt(text.slice(0, 31)), felt(text.slice(31)), 28n]

interface Emitted {
  name: string
  /** Behind the selector. */
  keys: bigint[]
  data: bigint[]
}

describe('events of the registry contract', { concurrency: false }, () => {
  let chain: Chain
  let contract: TestContract
  let [owner, second, third]: [bigint, bigint, bigint] = [0n, 0n, 0n]
  const seen = new Set<string>()
  const name = felt('name')
  const names = new Map(
    registryAbi.flatMap((entry) => {
      if (entry.type !== 'event' || entry.kind !== 'struct') return []
      const short = entry.name.split('::').at(-1) ?? ''
      return [[BigInt(hash.getSelectorFromName(short)), short] as const]
    }),
  )
  const emit = async (account: number, entrypoint: string, ...args: unknown[]): Promise<Emitted[]> => {
    const receipt = await contract.send(account, entrypoint, 'name', ...args)
    assert.equal(receipt.revertReason, undefined)
    const own = receipt.events.filter(({ from_address: from }) => BigInt(from) === BigInt(contract.address))
    return own.map(({ keys: [selector, ...keys], data }) => {
      const event = names.get(BigInt(selector ?? 0)) ?? `unknown ${selector}`
      seen.add(event)
      return { name: event, keys: keys.map(BigInt), data: data.map(BigInt) }
    })
  }

  before(async () => {
    chain = await startChain()
    contract = await deployContract(chain)
    const addresses = chain.accounts.map(({ address }) => BigInt(address))
    ;[owner = 0n, second = 0n, third = 0n] = addresses
  })
  after(() => chain.stop())

  it('FunctionPublished, by either interface', async () => {
    assert.deepEqual(await emit(0, 'publish', cid, sha256, 9, cid), [
      {
        name: 'FunctionPublished',
        keys: [name, owner],
        data: [1n, ...byteArray(cid), 6n, 5n, 9n, ...byteArray(cid)],
      },
    ])
    const parts = { cid_address_part1: cid.slice(0, 31), cid_address_part2: cid.slice(31) }
    for (const [index, entrypoint] of ['add_wasm_cid', 'update_wasm_cid'].entries()) {
      assert.deepEqual(await emit(0, entrypoint, parts), [
        {
          name: 'FunctionPublished',
          keys: [name, owner],
          data: [BigInt(index) + 2n, ...byteArray(cid), 0n, 0n, 0n, 0n, 0n, 0n],
        },
      ])
    }
  })

  it('CurrentChanged and VersionYanked', async () => {
    assert.deepEqual(await emit(0, 'set_current', 2), [
      { name: 'CurrentChanged', keys: [name, owner], data: [2n, 3n] },
    ])
    assert.deepEqual(await emit(0, 'yank', 3), [{ name: 'VersionYanked', keys: [name, owner], data: [3n] }])
    assert.deepEqual(await emit(0, 'yank', 2), [
      { name: 'VersionYanked', keys: [name, owner], data: [2n] },
      { name: 'CurrentChanged', keys: [name, owner], data: [1n, 2n] },
    ])
  })

  it('VersionAttested', async () => {
    assert.deepEqual(await emit(1, 'attest', 1, sha256), [
      { name: 'VersionAttested', keys: [name, second], data: [1n, 6n, 5n] },
    ])
  })

  it('MaintainerAdded and MaintainerRemoved', async () => {
    assert.deepEqual(await emit(0, 'add_maintainer', third), [
      { name: 'MaintainerAdded', keys: [name, third], data: [] },
    ])
    assert.deepEqual(await emit(2, 'remove_maintainer', third), [
      { name: 'MaintainerRemoved', keys: [name, third], data: [] },
    ])
  })

  it('OwnershipTransferStarted and OwnershipTransferred', async () => {
    assert.deepEqual(await emit(0, 'transfer_ownership', second), [
      { name: 'OwnershipTransferStarted', keys: [name, owner, second], data: [] },
    ])
    assert.deepEqual(await emit(1, 'accept_ownership'), [
      { name: 'OwnershipTransferred', keys: [name, owner, second], data: [] },
    ])
  })

  it('no other', () => {
    assert.deepEqual([...seen].sort(), [...names.values()].sort())
  })
})
