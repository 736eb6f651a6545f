// Flow receipt: execution -> the same once more, counted and compared -> its receipt.
//
// The count can't be had in the call itself: a counting copy is 1.1 to 2.7 times as slow, and its traps are elsewhere.
// It can't come later either, since the CID of the receipt is told with the answer. So a quick call is replayed on the
// counting copy before its receipt is written, which says at the same time whether the receipt replays at all.

import { WasmateError } from '../../base/errors.ts'
import type { Context } from '../../model.ts'
import type { ReplayCall, ReplayOutcome } from '../../runner/replay/replays.ts'
import type { Receipt } from '../../trace/receipts/receipt.ts'
import { type Execution, whyCut, writeReceipt } from '../../trace/receipts/write.ts'
import { compareOutputs } from './compare.ts'
import { isSameProblem, toCall } from './replay.ts'

export interface LeaveStages {
  /** Bytes of the module that ran; `undefined` when it was let go since. */
  bytesOf(cid: string): Uint8Array | undefined
  run(call: ReplayCall, context: Context): Promise<ReplayOutcome>
}

export interface LeaveOptions {
  /** Of the receipt. */
  maxBytes: number
  /** A call that ran longer makes nobody wait for its count. */
  countedMs: number
}

/** Throws CANCELLED. */
export async function leaveReceipt(
  execution: Execution,
  stages: LeaveStages,
  { maxBytes, countedMs }: LeaveOptions,
  context: Context,
): Promise<Receipt> {
  const receipt = writeReceipt(execution, maxBytes)
  const bytes = stages.bytesOf(execution.cid)
  const why = whyNotCounted(receipt, bytes, countedMs)
  if (why !== undefined || !bytes) return { ...receipt, fuelMissing: why }
  return { ...receipt, ...(await check(receipt, bytes, stages, context)) }
}

function whyNotCounted(
  receipt: Receipt,
  bytes: Uint8Array | undefined,
  countedMs: number,
): string | undefined {
  const { durationMs, input, host, problem } = receipt
  const cut = problem && whyCut(problem)
  if (cut !== undefined) return cut
  if (!(input instanceof Uint8Array) || !host) return 'it can not be replayed'
  if (durationMs > countedMs)
    return `it ran for ${Math.round(durationMs)} ms; wasmate replay --fuel counts it`
  return bytes ? undefined : 'its module was unloaded meanwhile'
}

type Checked = Pick<Receipt, 'fuel' | 'fuelMissing' | 'faithful' | 'unfaithful'>

async function check(
  receipt: Receipt,
  bytes: Uint8Array,
  { run }: LeaveStages,
  context: Context,
): Promise<Checked> {
  const { unfaithful, faithful } = receipt
  const module = { cid: receipt.module.toString(), bytes }
  try {
    const outcome = await run({ ...toCall(receipt, module, 'strict'), metered: true }, context)
    // What is redacted or was in files has not mattered then.
    if (isSame(receipt, outcome)) return { fuel: outcome.fuel, faithful: true, unfaithful: [] }
    const why = 'a replay right behind it went another way'
    return { fuelMissing: why, faithful: false, unfaithful: [...unfaithful, why] }
  } catch (error) {
    if (!(error instanceof WasmateError) || error.code === 'CANCELLED') throw error
    return { fuelMissing: error.detail ?? error.message, faithful, unfaithful }
  }
}

/** In a counting copy places are other ones. */
function isSame({ output, problem }: Receipt, { result, diverged }: ReplayOutcome): boolean {
  if (diverged) return false
  if (!result.ok) return isSameProblem(problem, result.error, 'elsewhere')
  if (!output) return false
  return !(output instanceof Uint8Array) || compareOutputs(output, result.output) === undefined
}
