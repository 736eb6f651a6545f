// wasmate replay: a recorded call once more, answered by its receipt: the same, or where it went another way; the last
// ones on a new build; which version first gave an answer; and which calls there are.

import { resolve } from 'node:path'
import { WasmateError } from '../../base/errors.ts'
import { type ControlClient, attach } from '../../client/control.ts'
import type { ReceiptRequest } from '../../client/messages.ts'
import type { Session } from '../session.ts'
import { listCalls } from './calls.ts'
import { describeAgainst, describeBisection, describeReplay } from './describe.ts'

export interface ReplayVerbOptions {
  fuel?: boolean
  against?: string
  last: number
  bisect?: boolean
}

/** Sets the exit code to 1 unless all of it is the same. */
export async function replayVerb(
  session: Session,
  options: ReplayVerbOptions,
  target?: string,
): Promise<void> {
  const { against, bisect, fuel } = options
  const isNamed = target !== undefined
  if (isNamed ? against !== undefined : bisect || fuel) {
    throw new WasmateError('INPUT_INVALID', 'name either a receipt, or a folder with --against')
  }
  if ([against, bisect, fuel].filter(Boolean).length > 1) {
    throw new WasmateError('INPUT_INVALID', '--against, --bisect and --fuel are for one at a time')
  }
  const client = await attach(session.workspace, session.signal)
  if (against !== undefined) return replayAgainst(session, client, against, options.last)
  if (!isNamed) return listCalls(session, client, options.last)
  const asked = toRequest(target)
  if (bisect) return findFirst(session, client, asked)
  return replayOne(session, client, asked, fuel)
}

/** By its CID, or by the number of its call in the history. */
function toRequest(target: string): ReceiptRequest {
  return /^\d+$/.test(target) ? { invocation: Number(target) } : { receipt: target }
}

async function replayOne(
  { output, signal }: Session,
  client: ControlClient,
  asked: ReceiptRequest,
  fuel: boolean | undefined,
): Promise<void> {
  const report = await client.stream('replay', { ...asked, fuel }, { signal, report: output.progress })
  output.result(report, describeReplay(report))
  if (!report.same) process.exitCode = 1
}

async function replayAgainst(
  { output, signal }: Session,
  client: ControlClient,
  folder: string,
  last: number,
): Promise<void> {
  const context = { signal, report: output.progress }
  const report = await client.stream('against', { path: resolve(folder), last }, context)
  output.result(report, describeAgainst(report))
  if (report.changed > 0) process.exitCode = 1
}

async function findFirst(
  { output, signal }: Session,
  client: ControlClient,
  asked: ReceiptRequest,
): Promise<void> {
  const found = await client.stream('bisect', asked, { signal, report: output.progress })
  output.result(found, describeBisection(found))
}
