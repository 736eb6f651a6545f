// Networks as the settings describe them, on a chain that stands for another one's.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { parseConfig } from '../../src/config.ts'
import { openNetwork } from '../../src/flows/network.ts'
import { type NetworkProfile, findProfile } from '../../src/networks.ts'
import { type Chain, startChain } from '../helpers/chain.ts'
import { cid, newRegistry, starknet } from '../helpers/contract.ts'
import { deployWasmCid } from '../helpers/wasm-cid.ts'

const profileOf = (profile: object): NetworkProfile => {
  const { networks } = parseConfig({ networks: { profiles: { sepolia: profile } } })
  return findProfile('sepolia', networks.profiles)
}
const open = (profile: object): ReturnType<typeof openNetwork> =>
  openNetwork('sepolia', profileOf(profile), { log: silentLog, intervalMs: 10 })

describe('networks', { concurrency: false, timeout: 120_000 }, () => {
  let chain: Chain
  let address: string
  let earlier: string

  before(async () => {
    chain = await startChain()
    const registry = newRegistry(chain)
    address = (await registry.ensureDeployed({})).address
    earlier = await deployWasmCid(chain)
    await registry.publish({ name: 'there', cid, sha256: 'ab'.repeat(32), size: 1, sourceCid: '' }, {})
  })
  after(() => chain.stop())

  it('are read through their registry, and not written to', async () => {
    const gateways = ['https://gateway.example/']
    const { wsUrl } = chain
    const network = open({
      rpcUrl: chain.rpcUrl,
      wsUrl,
      chainId: 'SN_SEPOLIA',
      registry: address,
      gateways,
      verifiers: ['0x1'],
    })
    assert.equal((await network.registry.resolve('there')).current.cid, cid)
    assert.equal((await network.registry.list({ offset: 0, limit: 9 })).length, 1)
    assert.equal((await network.registry.history('there', {})).length, 1)
    const ending = new AbortController()
    const watching = network.registry.watchName('there', ending.signal)
    assert.equal((await watching.next()).value?.name, 'there')
    ending.abort()
    assert.equal((await watching.next()).done, true)
    const change = { kind: 'yank', name: 'there', version: 1 } as const
    await assert.rejects(network.registry.change(change, {}), { code: 'ACCOUNT_MISSING' })
    assert.deepEqual([network.name, network.address, network.gateways], ['sepolia', address, gateways])
    assert.deepEqual(network.policy, { verifiers: ['0x1'], quorum: undefined })
  })

  it('may have the earlier contract', async () => {
    const { registry } = open({ rpcUrl: chain.rpcUrl, registry: earlier, kind: 'wasm-cid' })
    await assert.rejects(registry.resolve('there'), { code: 'FUNCTION_NOT_FOUND' })
    await assert.rejects(registry.list({ offset: 0, limit: 1 }), { code: 'REGISTRY_UNSUPPORTED' })
  })

  it('are refused when they are of another kind or chain than described', async () => {
    const { rpcUrl } = chain
    const mistaken = open({ rpcUrl, registry: earlier }).registry
    await assert.rejects(mistaken.resolve('there'), { code: 'REGISTRY_UNSUPPORTED', detail: /`kind`/ })
    const elsewhere = open({ rpcUrl, registry: address, chainId: 'SN_MAIN' }).registry
    await assert.rejects(elsewhere.resolve('there'), { code: 'CHAIN_ID_MISMATCH' })
  })
})

describe('descriptions of networks', () => {
  it('are sought by name', () => {
    const profile = { rpcUrl: 'http://127.0.0.1:1', registry: '0x1' }
    const { profiles } = parseConfig({ networks: { profiles: { mine: profile, emulator: {} } } }).networks
    assert.equal(findProfile('mine', profiles).registry, '0x1')
    for (const name of ['other', 'constructor', '__proto__']) {
      assert.throws(() => findProfile(name, profiles), {
        code: 'NETWORK_UNKNOWN',
        detail: `${name}; there are sepolia, mine`,
      })
    }
    assert.throws(() => findProfile('any', {}), { detail: 'any; there are sepolia' })
  })

  it('stand over what is built in, but for a registry or a kind of their own', () => {
    const builtIn = findProfile('sepolia', {})
    const [fallback] = starknet.constants.RPC_DEFAULT_NODES.SN_SEPOLIA
    assert.equal(builtIn.rpcUrl, `${fallback}v0_10`)
    assert.deepEqual([builtIn.chainId, builtIn.kind], ['SN_SEPOLIA', 'wasm-cid'])
    const rpcUrl = 'http://127.0.0.1:1'
    assert.deepEqual(profileOf({ rpcUrl }), { ...builtIn, rpcUrl })
    const { registry, kind, gateways } = profileOf({ registry: '0x1' })
    assert.deepEqual([registry, kind, gateways], ['0x1', undefined, builtIn.gateways])
    assert.equal(profileOf({ kind: 'wasmate' }).registry, undefined)
  })

  it('name what is missing of them', () => {
    const at = (field: string): object => ({
      code: 'CONFIG_INVALID',
      detail: `wasmate.networks.profiles.mine.${field} is missing`,
    })
    const openMine = (profile: object): unknown =>
      openNetwork('mine', { verifiers: [], ...profile }, { log: silentLog })
    assert.throws(() => openMine({ registry: '0x1' }), at('rpcUrl'))
    assert.throws(() => openMine({ rpcUrl: 'http://127.0.0.1:1' }), at('registry'))
  })
})
