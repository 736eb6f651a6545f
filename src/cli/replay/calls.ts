// wasmate replay without a receipt: the last calls that the emulator knows, each with what it is replayed by.

import { printableLine } from '../../base/printable.ts'
import type { ControlClient } from '../../client/control.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import type { Session } from '../session.ts'

/** One line a call, newest first. */
export async function listCalls(
  { output, signal }: Session,
  client: ControlClient,
  last: number,
): Promise<void> {
  const calls = await client.stream('history', { limit: last }, { signal })
  if (calls.length === 0) output.note('no calls yet; next: wasmate invoke NAME')
  for (const call of calls) output.result(call, describeCall(call))
}

function describeCall({ id, at, target, version, export: exported = '', ...call }: InvocationRecord): string {
  const { output, problem, durationMs, receipt = 'no receipt' } = call
  const came = problem?.code ?? `${output?.size ?? 0} B`
  const took = durationMs === undefined ? '' : `${durationMs.toFixed(1)} ms`
  const name = `${target}${version === undefined ? '' : ` v${version}`} ${exported}`
  return [`${id}`, new Date(at).toLocaleString(), name, came, took, receipt]
    .map((each) => printableLine(each))
    .join('  ')
}
