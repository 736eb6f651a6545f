// A thousand names and the many versions of one, read page by page: all of them, in order, none twice, whatever is
// added meanwhile.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, newRegistry, starknet } from '../helpers/contract.ts'
import { publishMany } from '../helpers/many.ts'

const { shortString } = starknet

const nameCount = 1_000
const versionCount = 121
const last32 = 4_294_967_295
const expectedNames = Array.from({ length: nameCount }, (_, index) => `name-${index}`)
const cidOf = (name: number, version: number): string => `${cid.slice(0, 40)}-${name}-${version}`

interface Listed {
  name: bigint
  owner: bigint
  version_count: bigint
  current: bigint
  cid: string
  sha256: bigint
  size: bigint
}

describe('pages of the registry contract', { concurrency: false }, () => {
  let chain: Chain
  let contract: TestContract
  const functions = async (offset: number, limit: number): Promise<Listed[]> =>
    (await contract.call('functions', offset, limit)) as Listed[]
  const names = async (offset: number, limit: number): Promise<string[]> =>
    (await functions(offset, limit)).map(({ name }) =>
      shortString.decodeShortString(`0x${name.toString(16)}`),
    )
  const numbers = async (offset: number, limit: number, name = 'name-0'): Promise<number[]> =>
    ((await contract.call('versions', name, offset, limit)) as { number: bigint }[]).map(({ number }) =>
      Number(number),
    )

  before(async () => {
    chain = await startChain()
    contract = await deployContract(chain)
    const to = { chain, address: contract.address, provider: contract.provider }
    await publishMany(to, { names: nameCount, versions: 1, cidOf })
    await publishMany(to, {
      names: 1,
      versions: versionCount - 1,
      cidOf: (name, number) => cidOf(name, number + 1),
    })
  })
  after(() => chain.stop())

  it('give a thousand names in the order of their first version, whatever the size of a page', async () => {
    for (const limit of [1_000, 333, 97]) {
      assert.deepEqual(await walk((offset) => names(offset, limit)), expectedNames)
    }
  })

  it('give the same when they are read at one time', async () => {
    const offsets = Array.from({ length: 10 }, (_, index) => index * 100)
    const pages = await Promise.all(offsets.map((offset) => names(offset, 100)))
    assert.deepEqual(pages.flat(), expectedNames)
  })

  it('say of each name what is current', async () => {
    const owner = BigInt(chain.accounts[0]?.address ?? 0)
    const found = await functions(0, nameCount)
    assert.deepEqual(found[0], {
      ...{ name: BigInt(shortString.encodeShortString('name-0')), owner },
      ...{ version_count: BigInt(versionCount), current: BigInt(versionCount) },
      ...{ cid: cidOf(0, versionCount), sha256: 0n, size: 0n },
    })
    assert.deepEqual(
      found.slice(1).map((each) => [each.owner, each.version_count, each.current, each.cid]),
      expectedNames.slice(1).map((_, index) => [owner, 1n, 1n, cidOf(index + 1, 1)]),
    )
  })

  it('are empty past the end, and for a limit of nothing', async () => {
    for (const offset of [nameCount, nameCount + 1, last32]) assert.deepEqual(await names(offset, last32), [])
    assert.deepEqual(await names(0, 0), [])
    assert.deepEqual(await names(nameCount - 1, last32), ['name-999'])
    for (const offset of [versionCount, last32]) assert.deepEqual(await numbers(offset, last32), [])
    assert.deepEqual(await numbers(0, 0), [])
  })

  it('give every version of a name, oldest first, and the newest by an offset from the end', async () => {
    const all = Array.from({ length: versionCount }, (_, index) => index + 1)
    assert.deepEqual(await walk((offset) => numbers(offset, 50)), all)
    assert.deepEqual(await numbers(versionCount - 3, 3), all.slice(-3))
    const [found] = (await contract.call('versions', 'name-0', 7, 1)) as object[]
    assert.deepEqual(found, await contract.call('get_version', 'name-0', 8))
  })

  it('refuse versions of a name that nobody has', async () => {
    const reason = shortString.encodeShortString('function not found')
    await assert.rejects(numbers(0, 1, 'nobodys'), (error: Error) => error.message.includes(reason))
  })

  it('neither lose nor double anything while names and versions are added', async () => {
    const added: string[] = []
    const found = await walk(async (offset) => {
      const page = await names(offset, 250)
      if (page.length === 250) {
        added.push(`added-${offset}`)
        await contract.invoke(1, 'publish', `added-${offset}`, cid, 7n, 1, '')
        await contract.invoke(0, 'publish', 'name-0', cid, 7n, 1, '')
      }
      return page
    })
    assert.deepEqual(found, [...expectedNames, ...added])
    assert.equal(await contract.call('function_count'), BigInt(found.length))
  })

  it('leave a name that is yanked in its place, without a current version', async () => {
    await contract.invoke(0, 'yank', 'name-500', 1)
    const [found] = await functions(500, 1)
    assert.deepEqual(
      [found?.current, found?.version_count, found?.cid, found?.sha256, found?.size],
      [0n, 1n, '', 0n, 0n],
    )
    const [listed] = await newRegistry(chain).list({ offset: 500, limit: 1 })
    assert.deepEqual([listed?.name, listed?.current], ['name-500', undefined])
  })
})

/** Page after page until one is empty. */
async function walk<T>(read: (offset: number) => Promise<T[]>): Promise<T[]> {
  const found: T[] = []
  for (;;) {
    const page = await read(found.length)
    if (page.length === 0) return found
    found.push(...page)
  }
}
