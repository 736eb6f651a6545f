// The contract on a real chain through the interface of the earlier registry, and its list of names.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Chain, startChain } from '../helpers/chain.ts'
import { type TestContract, cid, deployContract, starknet } from '../helpers/contract.ts'

const { shortString } = starknet

const encode = (text: string): string => (text ? shortString.encodeShortString(text) : '0x0')
const parts = (text: string): Record<string, string> => ({
  cid_address_part1: encode(text.slice(0, 31)),
  cid_address_part2: encode(text.slice(31)),
})

describe('old interface of the registry contract', { concurrency: false }, () => {
  let chain: Chain
  let contract: TestContract
  const getCid = async (name: string): Promise<string> => {
    const found = (await contract.call('get_wasm_cid', name)) as Record<string, bigint>
    return Object.values(found)
      .map((part) => (part === 0n ? '' : shortString.decodeShortString(`0x${part.toString(16)}`)))
      .join('')
  }

  before(async () => {
    chain = await startChain()
    contract = await deployContract(chain)
  })
  after(() => chain.stop())

  it('is the interface it was', async () => {
    const selectors = {
      add_wasm_cid: ['faas_func_name', 'wasm_cid_meta_data'],
      update_wasm_cid: ['faas_func_name', 'wasm_cid_meta_data'],
      get_wasm_cid: ['faas_func_name'],
      get_wasmcid_total_count: [],
    }
    const { abi } = await contract.provider.getClassAt(contract.address)
    const items = (typeof abi === 'string' ? JSON.parse(abi) : abi) as {
      name: string
      items?: { name: string; inputs: { name: string }[] }[]
    }[]
    const old = items.find(({ name }) => name.endsWith('::WasmCidRegistry'))?.items ?? []
    assert.deepEqual(
      Object.fromEntries(old.map(({ name, inputs }) => [name, inputs.map((input) => input.name)])),
      selectors,
    )
  })

  it('adds, updates and gets a CID in two parts, of either kind', async () => {
    const oldCid = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKs9fQ'
    const { events } = await contract.invoke(0, 'add_wasm_cid', 'old', parts(oldCid))
    assert.equal(events[0]?.name, 'FunctionPublished')
    assert.equal(events[0]?.fields['cid'], oldCid)
    assert.equal(events[0]?.fields['sha256'], 0n)
    assert.equal(await getCid('old'), oldCid)
    await contract.invoke(0, 'update_wasm_cid', 'old', parts(cid))
    assert.equal(await getCid('old'), cid)
    assert.equal(await contract.call('version_count', 'old'), 2n)
  })

  it('adds a version when a known name is added again, without counting it twice', async () => {
    const before = await contract.call('get_wasmcid_total_count')
    await contract.invoke(0, 'add_wasm_cid', 'again', parts('Qm1'))
    await contract.invoke(0, 'add_wasm_cid', 'again', parts('Qm2'))
    assert.equal(await contract.call('get_wasmcid_total_count'), (before as bigint) + 1n)
    assert.equal(await getCid('again'), 'Qm2')
  })

  it('gets what was published the new way', async () => {
    await contract.invoke(0, 'publish', 'new', cid, 1n, 1, '')
    assert.equal(await getCid('new'), cid)
    await contract.invoke(0, 'publish', 'exact', 'c'.repeat(62), 1n, 1, '')
    assert.equal(await getCid('exact'), 'c'.repeat(62))
  })

  it('follows the current version', async () => {
    for (const text of ['Qm1', 'Qm2']) await contract.invoke(0, 'add_wasm_cid', 'follow', parts(text))
    await contract.invoke(0, 'set_current', 'follow', 1)
    assert.equal(await getCid('follow'), 'Qm1')
    await contract.invoke(0, 'yank', 'follow', 1)
    assert.equal(await getCid('follow'), '')
  })

  it('gives zeros for a name that nobody has', async () => {
    assert.equal(await getCid('nobodys'), '')
  })

  it('refuses a CID that two parts do not hold', async () => {
    await contract.invoke(0, 'publish', 'long', 'c'.repeat(63), 1n, 1, '')
    const reason = shortString.encodeShortString('CID is over 62 characters').slice(2)
    await assert.rejects(getCid('long'), (error: Error) => error.message.includes(reason))
  })

  it('refuses what the new way refuses', async () => {
    const add = async (account: number, ...args: unknown[]): Promise<string | undefined> =>
      (await contract.invoke(account, ...(args as [string, ...unknown[]]))).reverted
    await contract.invoke(0, 'add_wasm_cid', 'owned', parts('Qm1'))
    assert.equal(await add(1, 'add_wasm_cid', 'owned', parts('Qm2')), 'not an owner or maintainer')
    assert.equal(await add(1, 'update_wasm_cid', 'owned', parts('Qm2')), 'not an owner or maintainer')
    assert.equal(await add(0, 'update_wasm_cid', 'nobodys', parts('Qm2')), 'function not found')
    assert.equal(await add(0, 'add_wasm_cid', 'empty', parts('')), 'CID is empty')
    assert.equal(await add(0, 'add_wasm_cid', encode('a/b'), parts('Qm1')), 'name has a bad character')
    const long = { cid_address_part1: `0x07${'61'.repeat(31)}`, cid_address_part2: '0x0' }
    assert.equal(await add(0, 'add_wasm_cid', 'long-part', long), 'CID part is too long')
    assert.equal(await add(1, 'attest', 'owned', 1, 1n), 'version has no sha256')
  })

  it('lists names page by page in the order of their first version', async () => {
    const first = Number(await contract.call('function_count'))
    for (const name of ['page-a', 'page-b', 'page-c']) {
      await contract.invoke(0, 'publish', name, cid, 1n, 1, '')
    }
    await contract.invoke(0, 'publish', 'page-a', cid, 1n, 1, '')
    assert.equal(Number(await contract.call('function_count')), first + 3)
    const page = async (offset: number, limit: number): Promise<string[]> => {
      const found = (await contract.call('functions', offset, limit)) as { name: bigint }[]
      return found.map(({ name }) => shortString.decodeShortString(`0x${name.toString(16)}`))
    }
    assert.deepEqual(await page(first, 2), ['page-a', 'page-b'])
    assert.deepEqual(await page(first + 2, 2), ['page-c'])
    assert.deepEqual(await page(first + 3, 2), [])
    assert.deepEqual(await page(first, 0), [])
    assert.deepEqual(await page(4_294_967_295, 4_294_967_295), [])
  })
})
