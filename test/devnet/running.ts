// A Devnet of one test: real binary, own folder, stopped and swept when the test ends.

import { type TestContext } from 'node:test'
import { execFileSync } from 'node:child_process'
import { Account, type Call, RpcProvider, logger } from 'starknet'
import { Devnet } from '../../src/devnet/devnet.ts'
import type { DevnetOptions, DevnetState } from '../../src/devnet/supervisor.ts'
import { devnetPath } from '../helpers/devnet.ts'

logger.setLogLevel('OFF')

export const strk = '0x04718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d'

/** Not started; two accounts of seed 42. */
export function createDevnet(t: TestContext, folder: string, options: Partial<DevnetOptions> = {}): Devnet {
  const devnet = new Devnet({ binary: devnetPath, folder, seed: 42, accounts: 2, waitMs: 60_000, ...options })
  t.after(() => devnet.stop())
  return devnet
}

export function blockOf(devnet: Devnet, number: number | 'latest'): Promise<unknown> {
  const id = typeof number === 'number' ? { block_number: number } : number
  return devnet.call('starknet_getBlockWithReceipts', { block_id: id })
}

export async function mint(devnet: Devnet, address: string, amount = 1): Promise<string> {
  const minted = await devnet.call('devnet_mint', { address, amount })
  return (minted as { new_balance: string }).new_balance
}

export function childPid(devnet: Devnet): number {
  const pid = devnet.state.process?.pid
  if (pid === undefined) throw new Error(`no child while ${devnet.state.phase}`)
  return pid
}

/** Resolves when the devnet has been in one of these phases. */
export function reach(states: DevnetState[], phase: DevnetState['phase']): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (states.some((state) => state.phase === phase)) resolve()
      else setTimeout(look, 5)
    }
    look()
  })
}

/** The first predeployed account and the second's address, as a foreign client has them. */
export async function foreignAccount(
  devnet: Devnet,
  nodeUrl: string,
): Promise<{ account: Account; to: string }> {
  const [own, other] = await devnet.predeployedAccounts()
  if (!own || !other) throw new Error('two accounts are needed')
  const provider = new RpcProvider({ nodeUrl })
  return {
    account: new Account({ provider, address: own.address, signer: own.privateKey }),
    to: other.address,
  }
}

export function transfer(to: string): Call {
  return { contractAddress: strk, entrypoint: 'transfer', calldata: [to, '1', '0'] }
}

/** Fixed bounds and no tip: one request a transaction. */
export const cheap = {
  tip: 0n,
  resourceBounds: {
    l1_gas: { max_amount: 0n, max_price_per_unit: 10n ** 10n },
    l2_gas: { max_amount: 20_000_000n, max_price_per_unit: 10n ** 10n },
    l1_data_gas: { max_amount: 10_000n, max_price_per_unit: 10n ** 10n },
  },
}

/** Pids of processes whose command line holds the text. */
export function processesWith(text: string): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n')
  const found = lines.filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line))
  return found.map((line) => Number.parseInt(line, 10))
}
