// What each call of the registry costs on a chain of its own, and the table of it in docs/registry.md.
// Writes the table: WASMATE_TEST_DEVNET=... node --import tsx test/helpers/gas.ts

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startChain } from './chain.ts'
import { type TestContract, cid, deployContract } from './contract.ts'

export interface GasRow {
  call: string
  l1DataGas: number
  l2Gas: number
}

type Step = [call: string, account: number, entrypoint: string, ...args: unknown[]]

const sha256 = 2n ** 255n + 1n
const parts = { cid_address_part1: cid.slice(0, 31), cid_address_part2: cid.slice(31) }

/** In an order in which each finds what it needs; all but the first two come from accounts that have sent before. */
function listSteps(addresses: string[]): Step[] {
  const [, second, third] = addresses
  const publication = [cid, sha256, 100_000, cid]
  return [
    // What the first writes of an account and a contract cost is not in the table.
    ['', 0, 'publish', 'other', ...publication],
    ['', 1, 'publish', 'another', ...publication],
    ['`publish`, a new name', 0, 'publish', 'function', ...publication],
    ['`publish`, the next version', 0, 'publish', 'function', ...publication],
    ['`set_current`', 0, 'set_current', 'function', 1],
    ['`yank`, not the current version', 0, 'yank', 'function', 2],
    ['`yank`, the current version', 0, 'yank', 'function', 1],
    ['', 0, 'publish', 'function', ...publication],
    ['`attest`', 1, 'attest', 'function', 3, sha256],
    ['`add_maintainer`', 0, 'add_maintainer', 'function', third],
    ['`remove_maintainer`', 0, 'remove_maintainer', 'function', third],
    ['`transfer_ownership`', 0, 'transfer_ownership', 'function', second],
    ['`accept_ownership`', 1, 'accept_ownership', 'function'],
    ['`add_wasm_cid`, a new name', 0, 'add_wasm_cid', 'old', parts],
    ['`update_wasm_cid`', 0, 'update_wasm_cid', 'old', parts],
  ]
}

/** On a chain of its own, where the same calls cost the same each time. */
export async function measureGas(): Promise<GasRow[]> {
  const chain = await startChain()
  try {
    const contract = await deployContract(chain)
    const rows: GasRow[] = []
    for (const [call, ...step] of listSteps(chain.accounts.map(({ address }) => address))) {
      const row = { call, ...(await measureCall(contract, step)) }
      if (call) rows.push(row)
    }
    // The chain's first block is its own.
    for (const [block, call] of ['declare', 'deploy'].entries()) {
      rows.push({ call, ...(await measureBlock(contract, block + 1)) })
    }
    return rows
  } finally {
    await chain.stop()
  }
}

type Used = Omit<GasRow, 'call'>

async function measureCall(
  contract: TestContract,
  [account, entrypoint, ...args]: [account: number, entrypoint: string, ...args: unknown[]],
): Promise<Used> {
  const { transactionHash, revertReason } = await contract.send(account, entrypoint, ...args)
  if (revertReason !== undefined) throw new Error(`${entrypoint}: ${revertReason}`)
  return readGas(contract, transactionHash)
}

async function measureBlock({ provider, ...contract }: TestContract, block: number): Promise<Used> {
  const { transactions } = await provider.getBlockWithTxHashes(block)
  const [transactionHash, more] = transactions
  if (!transactionHash || more) throw new Error(`block ${block} has ${transactions.length} transactions`)
  return readGas({ provider, ...contract }, transactionHash)
}

async function readGas({ provider }: TestContract, transactionHash: string): Promise<Used> {
  const { execution_resources: used } = await provider.channel.getTransactionReceipt(transactionHash)
  return { l1DataGas: used.l1_data_gas, l2Gas: used.l2_gas }
}

/** The text with its table as it must be. */
export function withGas(text: string, rows: GasRow[]): string {
  const [start, end] = ['<!-- gas -->', '<!-- /gas -->']
  const [before, rest] = text.split(start)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`there is no ${start} and ${end}`)
  const table = [
    '| call | l1_data_gas | l2_gas |',
    '| --- | ---: | ---: |',
    ...rows.map(({ call, l1DataGas, l2Gas }) => `| ${call} | ${format(l1DataGas)} | ${format(l2Gas)} |`),
  ]
  return `${before}${start}\n\n${table.join('\n')}\n\n${end}${after}`
}

const format = (gas: number): string => gas.toLocaleString('en-US')

export const gasPage = fileURLToPath(new URL('../../docs/registry.md', import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(gasPage, withGas(readFileSync(gasPage, 'utf8'), await measureGas()))
}
