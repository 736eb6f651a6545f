// Flow replay against: the last receipts of a function -> the same calls on another module -> what changed. Before a
// deployment this says what callers would notice.

import { type Problem, WasmateError, toProblem } from '../../base/errors.ts'
import type { Context } from '../../model.ts'
import type { Receipt } from '../../trace/receipts/receipt.ts'
import { type ReplayReport, type ReplayStages, type ReplayedModule, replay, replayWith } from './replay.ts'

export interface AgainstReport {
  function: string
  /** CID of the module that the calls were replayed on. */
  module: string
  same: number
  changed: number
  /** Newest call first; those that could not be replayed are in `skipped`. */
  reports: ReplayReport[]
  skipped: { receipt: string; problem: Problem }[]
}

/** `receipts` are CIDs. One that can't be replayed keeps none from its turn. Throws CANCELLED and WASM_INVALID. */
export async function replayAgainst(
  name: string,
  receipts: readonly string[],
  module: ReplayedModule,
  stages: ReplayStages,
  context: Context,
): Promise<AgainstReport> {
  const found: AgainstReport = {
    ...{ function: name, module: module.cid, same: 0, changed: 0, reports: [], skipped: [] },
  }
  for (const [index, cid] of receipts.entries()) {
    context.report?.({ doing: `replaying ${name}`, fraction: index / receipts.length })
    try {
      const receipt = await stages.receipt(cid, context)
      const report = await replayWith({ cid, receipt }, module, 'loose', stages, context)
      if (!report.same) await refuseUnfaithful(cid, receipt, stages, context)
      found[report.same ? 'same' : 'changed'] += 1
      found.reports.push(report)
    } catch (error) {
      if (!(error instanceof WasmateError) || !isOfReceipt(error)) throw error
      found.skipped.push({ receipt: cid, problem: toProblem(error) })
    }
  }
  return found
}

/** What differs on the module that was recorded as well says nothing of another one. Throws RECEIPT_INCOMPLETE. */
async function refuseUnfaithful(
  cid: string,
  { faithful, unfaithful }: Receipt,
  stages: ReplayStages,
  context: Context,
): Promise<void> {
  if (faithful || (await replay(cid, stages, {}, context)).same) return
  throw new WasmateError('RECEIPT_INCOMPLETE', `it differs on its own module too: ${unfaithful.join('; ')}`)
}

/** And of nothing that the others have as well: the memory that a call was held to may be less than this module needs. */
function isOfReceipt({ code }: WasmateError): boolean {
  return code.startsWith('RECEIPT_') || code === 'MEMORY_LIMIT'
}
