// The earlier contract through the client: on one that behaves as that on Sepolia, and on our own.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createLog, silentLog } from '../../src/base/log.ts'
import type { Publication, RegisteredFunction } from '../../src/model.ts'
import { WasmCidRegistry, type WasmCidRegistryOptions } from '../../src/registry/wasm-cid.ts'
import { type Chain, openDoor, startChain } from '../helpers/chain.ts'
import { cid, newRegistry, starknet } from '../helpers/contract.ts'
import { until } from '../helpers/until.ts'
import { deployWasmCid } from '../helpers/wasm-cid.ts'

const oldCid = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKs9fQ'
const publication = (name: string, text = cid): Publication => ({
  ...{ name, cid: text, sha256: 'ab'.repeat(32), size: 10, sourceCid: cid },
})
const held = { sha256: '', size: 0, sourceCid: '', version: 1 }

describe('registry of CIDs', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain
  const addresses: Record<string, string> = {}

  before(async () => {
    chain = await startChain()
    addresses['the earlier contract'] = await deployWasmCid(chain)
    addresses['our contract'] = (await newRegistry(chain).ensureDeployed({})).address
  })
  after(() => chain.stop())

  const client = (where: string, options: Partial<WasmCidRegistryOptions> = {}): WasmCidRegistry => {
    const [account] = chain.accounts
    if (!account) throw new Error('the chain has no account')
    const address = addresses[where] ?? ''
    return new WasmCidRegistry({ rpcUrl: chain.rpcUrl, address, account, log: silentLog, ...options })
  }
  const countNames = async (where: string): Promise<number> => {
    const entry_point_selector = starknet.hash.getSelectorFromName('get_wasmcid_total_count')
    const request = { contract_address: addresses[where], entry_point_selector, calldata: [] }
    const [count] = (await chain.request('starknet_call', { request, block_id: 'latest' })) as string[]
    return Number(count)
  }

  for (const where of ['the earlier contract', 'our contract']) {
    it(`publishes a new name and then another CID for it, on ${where}`, async () => {
      const registry = client(where)
      const before = await countNames(where)
      const { transactionHash, blockNumber, ...first } = await registry.publish(
        publication('cid', oldCid),
        {},
      )
      const publisher = chain.accounts[0]?.address
      assert.deepEqual(first, { name: 'cid', cid: oldCid, ...held, publisher })
      assert.match(transactionHash, /^0x[0-9a-f]+$/)
      assert.ok(blockNumber > 0)
      assert.equal((await registry.publish(publication('cid'), {})).cid, cid)
      // By update: the earlier contract counts each add.
      assert.equal(await countNames(where), before + 1)
      const current = {
        name: 'cid',
        cid,
        ...held,
        publisher: '',
        publishedAt: 0,
        attestations: 0,
        yanked: false,
      }
      assert.deepEqual(await registry.resolve('cid'), { name: 'cid', owner: '', versionCount: 1, current })
      assert.deepEqual(await registry.getVersion('cid', 1), current)
    })

    it(`keeps a CID of 31, 32 and 62 characters whole, on ${where}`, async () => {
      const registry = client(where)
      for (const length of [1, 31, 32, 62]) {
        await registry.publish(publication('length', 'Q'.repeat(length)), {})
        assert.equal((await registry.resolve('length')).current.cid, 'Q'.repeat(length))
      }
    })

    it(`sends nothing for a CID that is too long or none, on ${where}`, async () => {
      const registry = client(where)
      const long = 'k'.repeat(63)
      await assert.rejects(registry.publish(publication('long', long), {}), {
        code: 'CID_TOO_LONG',
        detail: `${long} has 63 characters`,
      })
      await assert.rejects(registry.publish(publication('none', ''), {}), { code: 'CID_INVALID' })
      await assert.rejects(registry.publish(publication('not a name'), {}), { code: 'NAME_INVALID' })
      await assert.rejects(registry.resolve('long'), { code: 'FUNCTION_NOT_FOUND', detail: 'long' })
    })

    it(`finds a publication whose answer was lost, on ${where}`, async () => {
      const door = await openDoor(chain)
      try {
        const registry = client(where, { rpcUrl: door.rpcUrl })
        await registry.publish(publication('other'), {})
        const before = await countNames(where)
        door.loseNextAnswer()
        await assert.rejects(registry.publish(publication('lost'), {}), { code: 'CHAIN_NOT_READY' })
        const { transactionHash } = await registry.publish(publication('lost'), {})
        assert.equal(await countNames(where), before + 1)
        assert.notEqual((await registry.publish(publication('lost'), {})).transactionHash, transactionHash)
      } finally {
        await door.close()
      }
    })

    it(`says plainly what the interface has no means for, on ${where}`, async () => {
      const registry = client(where)
      await registry.publish(publication('plain'), {})
      const refuses = (work: Promise<unknown>, detail: string): Promise<void> =>
        assert.rejects(work, { code: 'REGISTRY_UNSUPPORTED', detail })
      await refuses(
        registry.list(),
        "this contract is not enumerable: its names can't be listed; name the function",
      )
      await refuses(
        registry.history('plain'),
        'this contract keeps no history, only the CID that plain points to now; `wasmate log plain --watch` tells when that changes',
      )
      await refuses(
        registry.getVersion('plain', 2),
        'this contract keeps no versions, only the CID that plain points to now',
      )
      await refuses(
        registry.change({ kind: 'yank', name: 'plain', version: 1 }),
        'this contract has no owners, versions or attestations; plain can only be pointed to another CID',
      )
      await refuses(
        registry.hasAttested('plain'),
        'this contract keeps no attestations, so none of plain can be asked for',
      )
    })

    it(`tells when a name changes, and waits while the chain is away, on ${where}`, async () => {
      const door = await openDoor(chain)
      const complaints: string[] = []
      const log = createLog((_level, _part, message) => complaints.push(message))
      const ending = new AbortController()
      const seen: (RegisteredFunction | undefined)[] = []
      const watching = (async () => {
        const registry = client(where, { rpcUrl: door.rpcUrl, intervalMs: 10, log })
        for await (const found of registry.watchName('watched', ending.signal)) seen.push(found)
      })()
      try {
        const registry = client(where)
        const comes = (text: string | undefined): Promise<void> =>
          until(async () => seen.length > 0 && seen.at(-1)?.current.cid === text, text)
        await comes(undefined)
        await registry.publish(publication('watched', oldCid), {})
        await comes(oldCid)
        await door.shut()
        await registry.publish(publication('watched'), {})
        await until(async () => complaints.length > 0)
        await door.open()
        await comes(cid)
        assert.deepEqual(
          seen.map((found) => found?.current.cid),
          [undefined, oldCid, cid],
        )
        // Once by what reads, and once by what listens for events, where it was away long enough for both to notice.
        assert.ok(complaints.length <= (where === 'our contract' ? 2 : 1), complaints.join('\n'))
        for (const complaint of complaints) assert.match(complaint, /does not answer/)
      } finally {
        ending.abort()
        await watching
        await door.close()
      }
    })
  }

  it('lets anyone repoint a name on the earlier contract, and not on ours', async () => {
    const [, stranger] = chain.accounts
    if (!stranger) throw new Error('the chain has one account')
    for (const where of Object.keys(addresses)) await client(where).publish(publication('mine'), {})
    await client('the earlier contract', { account: stranger }).publish(publication('mine', oldCid), {})
    assert.equal((await client('the earlier contract').resolve('mine')).current.cid, oldCid)
    await assert.rejects(
      client('our contract', { account: stranger }).publish(publication('mine', oldCid), {}),
      {
        code: 'NAME_TAKEN',
        detail: 'mine',
      },
    )
  })

  it('reads what was published the new way, as long as it fits', async () => {
    const ours = newRegistry(chain)
    await ours.publish(publication('new-way'), {})
    assert.equal((await client('our contract').resolve('new-way')).current.cid, cid)
    assert.equal((await ours.resolve('cid')).versionCount, 2)
    await ours.publish(publication('new-way', 'k'.repeat(63)), {})
    await assert.rejects(client('our contract').resolve('new-way'), {
      code: 'CID_TOO_LONG',
      detail: 'new-way (its CID is over 62 characters)',
    })
  })

  it('is read without an account, and not written to', async () => {
    const { rpcUrl } = chain
    const registry = new WasmCidRegistry({
      rpcUrl,
      address: addresses['the earlier contract'] ?? '',
      log: silentLog,
    })
    assert.equal((await registry.resolve('cid')).name, 'cid')
    await assert.rejects(registry.publish(publication('cid'), {}), {
      code: 'ACCOUNT_MISSING',
      detail: 'cid can only be read here',
    })
  })

  it('says when there is no contract, or another one, at the address', async () => {
    const { rpcUrl } = chain
    const at = (address: string): WasmCidRegistry => new WasmCidRegistry({ rpcUrl, address, log: silentLog })
    await assert.rejects(at('0x1234').resolve('any'), { code: 'RPC_REFUSED' })
    const deployer = '0x02ceed65a4bd731034c01113685c831b01c15d7d432f71afb1cf1634b53a2125'
    await assert.rejects(at(deployer).resolve('any'), { code: 'REGISTRY_UNSUPPORTED' })
    const watching = at('0x1234').watchName('any', new AbortController().signal)
    await assert.rejects(watching.next(), { code: 'RPC_REFUSED' })
  })

  it('checks the chain before it asks anything', async () => {
    const options = { rpcUrl: chain.rpcUrl, address: '0x1', chainId: 'SN_MAIN', log: silentLog }
    await assert.rejects(new WasmCidRegistry(options).resolve('any'), { code: 'CHAIN_ID_MISMATCH' })
  })
})
