// What a network knows of accounts, and what a devnet gives them for nothing.

import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { NetworkProfile } from '../../networks.ts'
import { toChainError } from '../../registry/failure.ts'
import { PayingChain } from '../../registry/paid/chain.ts'
import { type Endpoint, openConnection } from '../../registry/starknet.ts'
import { needField } from '../network.ts'

export interface AccountStanding {
  deployed: boolean
  /** In FRI, decimal digits. */
  balance: string
}

/** Asks the chain of each. */
export async function readAccounts<T extends { address: string }>(
  network: string,
  profile: NetworkProfile,
  accounts: T[],
  signal: AbortSignal,
): Promise<(T & AccountStanding)[]> {
  if (accounts.length === 0) return []
  return onChain(network, profile, signal, (chain) =>
    Promise.all(
      accounts.map(async (account) => {
        const [balance, classHash] = await Promise.all([
          chain.balance(account.address),
          chain.classHashAt(account.address),
        ])
        return { ...account, deployed: classHash !== undefined, balance: balance.toString() }
      }),
    ),
  )
}

/** Gives the balance after it. Throws RPC_REFUSED on a chain that gives nothing away. */
export async function fundAccount(
  network: string,
  profile: NetworkProfile,
  { address, fri }: { address: string; fri: bigint },
  signal: AbortSignal,
): Promise<string> {
  return onChain(network, profile, signal, async (chain) => {
    await chain.mint(address, fri).catch((error: unknown) => {
      const { detail } = toChainError(error)
      throw new WasmateError('RPC_REFUSED', `${network} gives no STRK away, as a devnet does (${detail})`)
    })
    return (await chain.balance(address)).toString()
  })
}

async function onChain<T>(
  network: string,
  profile: NetworkProfile,
  signal: AbortSignal,
  work: (chain: PayingChain) => Promise<T>,
): Promise<T> {
  try {
    const { starknet, provider } = await openConnection(endpointOf(network, profile, signal))
    return await work(new PayingChain(starknet, provider))
  } catch (error) {
    const known = toChainError(error)
    const { code, detail } = toWasmateError(known)
    throw code === 'CHAIN_NOT_READY' ? new WasmateError('RPC_UNREACHABLE', detail, { cause: error }) : known
  }
}

/** Throws CONFIG_INVALID when the network has no RPC. */
export function endpointOf(
  network: string,
  profile: NetworkProfile,
  signal: AbortSignal | undefined,
): Endpoint {
  const rpcUrl = needField(network, 'rpcUrl', profile.rpcUrl)
  const { chainId } = profile
  return { rpcUrl, ...(chainId !== undefined && { chainId }), ...(signal && { signal }) }
}
