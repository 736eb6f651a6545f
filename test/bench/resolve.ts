// Reading names: our client beside starknet.js as it comes, on one chain, in turn. One name, and a list of a thousand.

import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import type { ListedFunction } from '../../src/model.ts'
import { registryAbi } from '../../src/registry/abi.ts'
import { Registry } from '../../src/registry/registry.ts'
import { loadStarknet } from '../../src/registry/starknet.ts'
import { type Chain, startChain } from '../helpers/chain.ts'
import { inTurn, printAgainst } from './measure.ts'

const artifactsFolder = join(import.meta.dirname, '../../contracts')
const cid = 'bafkreih25dih6ug3xtj73vswccw423b56ilrwmnos4cbwhrceudopdp5sq'

interface Sides {
  registry: Registry
  /** The same read through the library's own Contract, with its defaults. */
  callAsItComes(method: 'resolve' | 'functions', args: (string | number)[]): Promise<unknown>
}

/** Resolves one of a hundred names. */
export async function measureResolve(): Promise<void> {
  await withNames(100, async ({ registry, callAsItComes }) => {
    const rounds = 200
    const [ours, theirs] = await inTurn(rounds, (turn) => [
      () => registry.resolve(nameOf(turn % 100)),
      () => callAsItComes('resolve', [nameOf(turn % 100)]),
    ])
    printAgainst('resolve-ms', 'ms', ours, theirs, {
      peerIs: "starknet.js: new Contract(...).call('resolve')",
    })
  })
}

/** Lists a thousand names with the current version of each, whole. */
export async function measureList(): Promise<void> {
  const count = 1_000
  await withNames(count, async ({ registry, callAsItComes }) => {
    const [ours, theirs] = await inTurn(20, () => [
      async () => checkCount(await registry.list({ offset: 0, limit: count }), count),
      async () => checkCount((await callAsItComes('functions', [0, count])) as unknown[], count),
    ])
    printAgainst('list-1000-ms', 'ms', ours, theirs, {
      peerIs: "starknet.js: new Contract(...).call('functions'), one page",
    })
  })
}

function checkCount(found: ListedFunction[] | unknown[], count: number): void {
  if (found.length !== count) throw new Error(`${found.length} names instead of ${count}`)
}

async function withNames(count: number, work: (sides: Sides) => Promise<void>): Promise<void> {
  const chain = await startChain()
  try {
    const [account] = chain.accounts
    if (!account) throw new Error('the chain has no account')
    const { rpcUrl } = chain
    const registry = new Registry({ rpcUrl, account, artifactsFolder, log: silentLog })
    const { address } = await registry.ensureDeployed({})
    await publishMany(chain, address, count)
    const { Contract, RpcProvider } = await loadStarknet()
    const providerOrAccount = new RpcProvider({ nodeUrl: rpcUrl })
    const contract = new Contract({ abi: [...registryAbi], address, providerOrAccount })
    await work({ registry, callAsItComes: (method, args) => contract.call(method, args) })
  } finally {
    await chain.stop()
  }
}

const batch = 50

/** Many in one transaction: a thousand of their own would take half a minute. */
async function publishMany(chain: Chain, address: string, count: number): Promise<void> {
  const { Account, Contract, RpcProvider, cairo } = await loadStarknet()
  const provider = new RpcProvider({ nodeUrl: chain.rpcUrl })
  const [, publisher] = chain.accounts
  if (!publisher) throw new Error('the chain has too few accounts')
  const account = new Account({ provider, address: publisher.address, signer: publisher.privateKey })
  const contract = new Contract({ abi: [...registryAbi], address, providerOrAccount: account })
  for (let from = 0; from < count; from += batch) {
    const calls = Array.from({ length: Math.min(batch, count - from) }, (_, index) => {
      const sha256 = cairo.uint256(2n ** 255n + BigInt(from + index))
      return contract.populate('publish', [nameOf(from + index), cid, sha256, 8072, cid])
    })
    const { transaction_hash: hash } = await account.execute(calls, { tip: 0 })
    await provider.waitForTransaction(hash, { retryInterval: 10 })
  }
}

const nameOf = (index: number): string => `function-${index}`
