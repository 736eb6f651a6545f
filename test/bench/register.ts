// A registration to its receipt: our client's way beside starknet.js as it comes, on one chain, in turn.

import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import type { Publication } from '../../src/model.ts'
import { registryAbi } from '../../src/registry/abi.ts'
import { Registry } from '../../src/registry/registry.ts'
import { loadStarknet } from '../../src/registry/starknet.ts'
import { startChain } from '../helpers/chain.ts'
import { printAgainst, round } from './measure.ts'

const rounds = 50
const warmup = 5
const retryInterval = 10
const artifactsFolder = join(import.meta.dirname, '../../contracts')

export async function measureRegister(): Promise<void> {
  const chain = await startChain()
  try {
    const [account, other] = chain.accounts
    if (!account || !other) throw new Error('the chain has too few accounts')
    const registry = new Registry({ rpcUrl: chain.rpcUrl, account, artifactsFolder, log: silentLog })
    const { address } = await registry.ensureDeployed({})
    const publishAsItComes = await asItComes(chain.rpcUrl, other, address)
    const [mine, theirs]: [number[], number[]] = [[], []]
    for (let turn = 0; turn < rounds + warmup; turn++) {
      const a = await timed(() => registry.publish(publication('ours', turn), {}))
      const b = await timed(() => publishAsItComes(publication('theirs', turn), { retryInterval }))
      if (turn < warmup) continue
      mine.push(a)
      theirs.push(b)
    }
    const waiting = await timed(() => publishAsItComes(publication('theirs', rounds + warmup), {}))
    printAgainst('register-ms', 'ms', mine, theirs, {
      peerIs: `starknet.js: estimate, send, waitForTransaction every ${retryInterval} ms`,
      // Its own default is to ask every 5 seconds.
      peerWithDefaultWait: round(waiting),
    })
  } finally {
    await chain.stop()
  }
}

function publication(name: string, turn: number): Publication {
  const cid = `bafkreih25dih6ug3xtj73vswccw423b56ilrwmnos4cbwhrceudopdp${String(turn).padStart(4, 'a').slice(-4)}`
  return { name, cid, sha256: (turn + 1).toString(16).padStart(64, '0'), size: 8072, sourceCid: cid }
}

/** The same call through the library's own Contract, with its defaults. */
async function asItComes(
  nodeUrl: string,
  { address: accountAddress, privateKey }: { address: string; privateKey: string },
  address: string,
): Promise<(publication: Publication, wait: { retryInterval?: number }) => Promise<void>> {
  const { Account, Contract, RpcProvider } = await loadStarknet()
  const provider = new RpcProvider({ nodeUrl })
  const account = new Account({ provider, address: accountAddress, signer: privateKey })
  const contract = new Contract({ abi: [...registryAbi], address, providerOrAccount: account })
  return async ({ name, cid, sha256, size, sourceCid }, wait) => {
    const call = contract.populate('publish', [name, cid, BigInt(`0x${sha256}`), size, sourceCid])
    const { transaction_hash: hash } = await account.execute(call)
    await provider.waitForTransaction(hash, wait)
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
