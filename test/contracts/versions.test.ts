// The contract on a real chain: publishing, choosing and yanking versions, and reading them.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, starknet } from '../helpers/contract.ts'

const { num, shortString } = starknet

const hash = 0xabcdefn
const felt = (text: string): bigint => BigInt(shortString.encodeShortString(text))

describe('registry contract', { concurrency: false }, () => {
  let chain: Chain
  let contract: TestContract
  let addresses: bigint[]
  const publish = (account: number, name: string, size = 10): ReturnType<TestContract['invoke']> =>
    contract.invoke(account, 'publish', name, cid, hash, size, 'source')

  before(async () => {
    chain = await startChain()
    contract = await deployContract(chain)
    addresses = chain.accounts.map(({ address }) => BigInt(address))
  })
  after(() => chain.stop())

  it('gives the name to the first who publishes, with one event that says it all', async () => {
    const { events } = await publish(0, 'first')
    assert.deepEqual(events, [
      {
        name: 'FunctionPublished',
        fields: {
          name: felt('first'),
          publisher: addresses[0],
          version: 1n,
          cid,
          sha256: hash,
          size: 10n,
          source_cid: 'source',
        },
      },
    ])
    assert.equal(await contract.call('owner_of', 'first'), addresses[0])
    assert.equal(await contract.call('version_count', 'first'), 1n)
  })

  it('makes each new version the current one and keeps the earlier', async () => {
    await publish(0, 'second', 1)
    await publish(0, 'second', 2)
    const found = (await contract.call('resolve', 'second')) as Record<string, unknown>
    const { published_at: publishedAt, ...current } = found['current'] as Record<string, unknown>
    assert.deepEqual(
      { ...found, current },
      {
        name: felt('second'),
        owner: addresses[0],
        version_count: 2n,
        current: {
          number: 2n,
          cid,
          sha256: hash,
          size: 2n,
          source_cid: 'source',
          publisher: addresses[0],
          attestations: 0n,
          yanked: false,
        },
      },
    )
    assert.ok(Number(publishedAt) > 1_700_000_000)
    const earlier = (await contract.call('get_version', 'second', 1)) as { size: bigint }
    assert.equal(earlier.size, 1n)
  })

  it('refuses to publish under the name of another', async () => {
    await publish(0, 'mine')
    assert.deepEqual(await publish(1, 'mine'), { events: [], reverted: 'not an owner or maintainer' })
  })

  it('refuses names that are no names', async () => {
    const reasons = {
      '0x0': 'name is empty',
      [num.toHex(felt('.'))]: 'name is only dots',
      [num.toHex(felt('..'))]: 'name is only dots',
      [num.toHex(felt('a b'))]: 'name has a bad character',
      [num.toHex(felt('a/b'))]: 'name has a bad character',
      [num.toHex(felt('a\\b'))]: 'name has a bad character',
      [num.toHex(felt('a\u007f'))]: 'name has a bad character',
      '0x61c3a4': 'name has a bad character',
      '0x610062': 'name has a bad character',
      // 32 bytes, which fit into a felt when the first is small.
      [`0x07${'61'.repeat(31)}`]: 'name has a bad character',
    }
    for (const [name, reason] of Object.entries(reasons)) {
      assert.equal((await publish(0, name)).reverted, reason, name)
    }
    assert.equal(await contract.call('owner_of', felt('a/b')), 0n)
  })

  it('takes names of 31 characters, of every kind that is allowed', async () => {
    for (const name of ['!"#$%&\'()*+,-.0123456789:;<=>?@', 'ABCXYZ[]^_`abcxyz{|}~', '...', 'a.b']) {
      assert.equal((await publish(0, num.toHex(felt(name)))).reverted, undefined, name)
    }
  })

  it('refuses a publication that lacks something or has too much of it', async () => {
    const cases: [unknown[], string][] = [
      [['x', '', hash, 1, ''], 'CID is empty'],
      [['x', 'c'.repeat(129), hash, 1, ''], 'CID is too long'],
      [['x', cid, hash, 1, 's'.repeat(129)], 'source CID is too long'],
      [['x', cid, 0, 1, ''], 'sha256 is missing'],
      [['x', cid, hash, 0, ''], 'size is missing'],
    ]
    for (const [args, reason] of cases) {
      assert.equal((await contract.invoke(0, 'publish', ...args)).reverted, reason)
    }
    const longest = await contract.invoke(0, 'publish', 'long', 'c'.repeat(128), hash, 1, 's'.repeat(128))
    assert.equal(longest.reverted, undefined)
  })

  it('goes back to an earlier version, and forward again', async () => {
    for (const size of [1, 2, 3]) await publish(0, 'back', size)
    const { events } = await contract.invoke(0, 'set_current', 'back', 1)
    const fields = { name: felt('back'), account: addresses[0], version: 1n, previous: 3n }
    assert.deepEqual(events, [{ name: 'CurrentChanged', fields }])
    const { current } = (await contract.call('resolve', 'back')) as { current: { number: bigint } }
    assert.equal(current.number, 1n)
    assert.equal((await contract.invoke(0, 'set_current', 'back', 3)).reverted, undefined)
  })

  it('refuses to make current what is not there, is yanked, is current or is not yours', async () => {
    for (const size of [1, 2]) await publish(0, 'current', size)
    const set = (account: number, ...args: unknown[]): ReturnType<TestContract['invoke']> =>
      contract.invoke(account, 'set_current', ...args)
    assert.equal((await set(0, 'current', 0)).reverted, 'version not found')
    assert.equal((await set(0, 'current', 3)).reverted, 'version not found')
    assert.equal((await set(0, 'current', 2)).reverted, 'version is current already')
    assert.equal((await set(1, 'current', 1)).reverted, 'not an owner or maintainer')
    assert.equal((await set(0, 'nobodys', 1)).reverted, 'function not found')
    await contract.invoke(0, 'yank', 'current', 1)
    assert.equal((await set(0, 'current', 1)).reverted, 'version is yanked')
  })

  it('falls back to the newest earlier version when the current one is yanked', async () => {
    for (const size of [1, 2, 3, 4, 5]) await publish(0, 'yank', size)
    await contract.invoke(0, 'set_current', 'yank', 4)
    assert.deepEqual((await contract.invoke(0, 'yank', 'yank', 3)).events, [
      { name: 'VersionYanked', fields: { name: felt('yank'), account: addresses[0], version: 3n } },
    ])
    assert.deepEqual((await contract.invoke(0, 'yank', 'yank', 4)).events, [
      { name: 'VersionYanked', fields: { name: felt('yank'), account: addresses[0], version: 4n } },
      {
        name: 'CurrentChanged',
        fields: { name: felt('yank'), account: addresses[0], version: 2n, previous: 4n },
      },
    ])
    const yanked = (await contract.call('get_version', 'yank', 4)) as { yanked: boolean }
    assert.equal(yanked.yanked, true)
  })

  it('has no current version once all are yanked, and one again after the next publish', async () => {
    await publish(0, 'gone')
    await contract.invoke(0, 'yank', 'gone', 1)
    await assert.rejects(contract.call('resolve', 'gone'), refusedWith('no current version'))
    await publish(0, 'gone')
    const { current } = (await contract.call('resolve', 'gone')) as { current: { number: bigint } }
    assert.equal(current.number, 2n)
  })

  it('refuses to yank what is not there, is yanked or is not yours', async () => {
    await publish(0, 'keep')
    assert.equal((await contract.invoke(0, 'yank', 'keep', 2)).reverted, 'version not found')
    assert.equal((await contract.invoke(1, 'yank', 'keep', 1)).reverted, 'not an owner or maintainer')
    assert.equal((await contract.invoke(0, 'yank', 'nobodys', 1)).reverted, 'function not found')
    await contract.invoke(0, 'yank', 'keep', 1)
    assert.equal((await contract.invoke(0, 'yank', 'keep', 1)).reverted, 'version is yanked')
  })

  it('says what is not there', async () => {
    await publish(0, 'there')
    await assert.rejects(contract.call('resolve', 'nobodys'), refusedWith('function not found'))
    await assert.rejects(contract.call('get_version', 'nobodys', 1), refusedWith('function not found'))
    await assert.rejects(contract.call('get_version', 'there', 0), refusedWith('version not found'))
    await assert.rejects(contract.call('get_version', 'there', 2), refusedWith('version not found'))
    assert.equal(await contract.call('version_count', 'nobodys'), 0n)
    assert.equal(await contract.call('owner_of', 'nobodys'), 0n)
  })
})

function refusedWith(reason: string): (error: Error) => boolean {
  return (error) => error.message.includes(shortString.encodeShortString(reason).slice(2))
}
