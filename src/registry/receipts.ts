// What became of transactions that were sent: receipts, and waiting for one to be in a block.

import { setTimeout as sleep } from 'node:timers/promises'
import type { RpcProvider } from 'starknet'
import { WasmateError } from '../base/errors.ts'
import type { Context } from '../model.ts'
import { rpcCode, rpcErrorCode } from './failure.ts'

export interface Receipt {
  transactionHash: string
  blockNumber: number
  /** What was paid, in FRI. */
  fee: bigint
  /** Why it was reverted; absent when it succeeded. */
  revertReason?: string
  events: { from_address: string; keys: string[]; data: string[] }[]
}

/** Without a block number it is pre-confirmed. */
export type SeenReceipt = Omit<Receipt, 'blockNumber'> & { blockNumber?: number }

const timeoutMs = 120_000

/** `undefined` when the chain knows no such transaction. */
export async function readReceipt(provider: RpcProvider, hash: string): Promise<SeenReceipt | undefined> {
  try {
    const receipt = await provider.channel.getTransactionReceipt(hash)
    return {
      transactionHash: hash,
      fee: BigInt(receipt.actual_fee.amount),
      events: receipt.events,
      // Since RPC 0.10 a pre-confirmed receipt names the block that it hopes for.
      ...(isInBlock(receipt) && { blockNumber: receipt.block_number }),
      ...(receipt.execution_status === 'REVERTED' && { revertReason: receipt.revert_reason }),
    }
  } catch (error) {
    if (rpcErrorCode(error) === rpcCode.transactionNotFound) return undefined
    throw error
  }
}

/** Throws CHAIN_NOT_READY when it is in no block for two minutes. */
export async function awaitReceipt(
  provider: RpcProvider,
  hash: string,
  { signal }: Context,
  maxPauseMs = 500,
): Promise<Receipt> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = 10; performance.now() < deadline; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    const receipt = await readReceipt(provider, hash)
    if (receipt?.blockNumber !== undefined) return { ...receipt, blockNumber: receipt.blockNumber }
    await sleep(pauseMs, undefined, { signal })
  }
  throw new WasmateError('CHAIN_NOT_READY', `transaction ${hash} was sent and is in no block yet`)
}

function isInBlock<T extends { finality_status: string }>(
  receipt: T,
): receipt is T & { block_number: number } {
  return receipt.finality_status !== 'PRE_CONFIRMED' && 'block_number' in receipt
}
