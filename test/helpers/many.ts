// Many publications in few blocks, through the old interface, which is the quickest.

import type { RpcProvider } from 'starknet'
import type { Chain } from './chain.ts'
import { starknet } from './contract.ts'

interface Many {
  names: number
  versions: number
  cidOf(name: number, version: number): string
}

const perTransaction = 100

/** Ceilings, as the product sends them to a local chain: an estimate would run all of it once more. */
const price = { max_price_per_unit: 10n ** 10n }
const resourceBounds = {
  l1_gas: { max_amount: 0n, ...price },
  l2_gas: { max_amount: 1_000_000_000n, ...price },
  l1_data_gas: { max_amount: 100_000n, ...price },
}

const shortString = (text: string): string => `0x${Buffer.from(text).toString('hex')}`

/** Version after version of `name-0`, `name-1` and so on. */
export async function publishMany(
  to: { chain: Pick<Chain, 'accounts'>; address: string; provider: RpcProvider },
  { names, versions, cidOf }: Many,
): Promise<void> {
  const { address, privateKey } = to.chain.accounts[0] ?? { address: '', privateKey: '' }
  const account = new starknet.Account({
    provider: to.provider,
    address,
    signer: privateKey,
    cairoVersion: '1',
  })
  const calls = Array.from({ length: names * versions }, (_, index) => {
    const [name, version] = [index % names, Math.floor(index / names) + 1]
    const cid = cidOf(name, version)
    const calldata = [`name-${name}`, cid.slice(0, 31), cid.slice(31)].map(shortString)
    return { contractAddress: to.address, entrypoint: 'add_wasm_cid', calldata }
  })
  for (let index = 0; index < calls.length; index += perTransaction) {
    const { transaction_hash: hash } = await account.execute(calls.slice(index, index + perTransaction), {
      ...{ tip: 0, resourceBounds },
    })
    await to.provider.waitForTransaction(hash, { retryInterval: 10 })
  }
}
