// A contract that behaves as the earlier registry on Sepolia does, on a test's own chain.

import { readFile } from 'node:fs/promises'
import type { CompiledSierra } from 'starknet'
import { Sender } from '../../src/registry/sender.ts'
import { connectProvider } from '../../src/registry/starknet.ts'
import type { Chain } from './chain.ts'
import { starknet } from './contract.ts'

const folder = new URL('../fixtures/wasm-cid/', import.meta.url)

/** The Universal Deployer, at the same address on every Starknet network. */
const deployer = '0x02ceed65a4bd731034c01113685c831b01c15d7d432f71afb1cf1634b53a2125'

/** Gives its address. */
export async function deployWasmCid(chain: Chain): Promise<string> {
  const { classHash, compiledClassHash } =
    await readJson<Record<'classHash' | 'compiledClassHash', string>>('wasm-cid.json')
  const contract = await readJson<CompiledSierra>('wasm-cid.sierra.json')
  const [account] = chain.accounts
  if (!account) throw new Error('the chain has no account')
  const sender = new Sender(starknet, connectProvider(starknet, chain.rpcUrl), account)
  await sender.declare({ contract, classHash, compiledClassHash }, {})
  // Salt 1, not unique, and the one argument that its constructor ignores.
  const calldata = [classHash, '0x1', '0x0', '0x1', '0x7']
  const deployed = await sender.invoke(
    { contractAddress: deployer, entrypoint: 'deploy_contract', calldata },
    {},
  )
  if (deployed.revertReason !== undefined) throw new Error(deployed.revertReason)
  return starknet.hash.calculateContractAddressFromHash('0x1', classHash, ['0x7'], 0)
}

async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(name, folder), 'utf8')) as T
}
