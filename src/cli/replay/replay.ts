// wasmate replay: a recorded call once more, answered by its receipt: the same, or where it went another way.

import { printable } from '../../base/printable.ts'
import { attach } from '../../client/control.ts'
import type { Came, ReplayReport } from '../../flows/replay/replay.ts'
import type { Session } from '../session.ts'

export interface ReplayVerbOptions {
  fuel?: boolean
}

/** Sets the exit code to 1 unless it is the same. */
export async function replayVerb(
  session: Session,
  options: ReplayVerbOptions,
  target: string,
): Promise<void> {
  const client = await attach(session.workspace, session.signal)
  const asked = /^\d+$/.test(target) ? { invocation: Number(target) } : { receipt: target }
  const report = await client.stream(
    'replay',
    { ...asked, fuel: options.fuel },
    { signal: session.signal, report: session.output.progress },
  )
  session.output.result(report, describeReplay(report))
  if (!report.same) process.exitCode = 1
}

export function describeReplay(report: ReplayReport): string {
  const { version, diverged, difference, recorded, replayed, unfaithful, fuel, fuelMissing } = report
  const name = `${report.function}${version === undefined ? '' : ` v${version}`} ${report.export}`
  const lines = [
    `${report.same ? 'the same' : 'NOT the same'}  ${printable(name)}`,
    `receipt   ${report.receipt}`,
    `module    ${report.module}`,
    `recorded  ${describeCame(recorded)}, ${report.recordedMs.toFixed(1)} ms`,
    ...(replayed ? [`replayed  ${describeCame(replayed)}, ${report.replayedMs.toFixed(1)} ms`] : []),
    `fuel      ${fuel === undefined ? `not counted: ${printable(fuelMissing ?? '')}` : `${fuel} instructions`}`,
    ...unfaithful.map((why) => `warning   not recorded faithfully: ${printable(why)}`),
  ]
  if (diverged) {
    const { index, expected = 'no host call any more', got = 'the end of the call' } = diverged
    lines.push(`diverged  at host call ${index + 1}`)
    lines.push(`          expected ${printable(expected, Infinity)}`)
    lines.push(`          got      ${printable(got, Infinity)}`)
  }
  if (difference) lines.push(...difference.words.split('\n').map((line) => printable(line, Infinity)))
  return lines.join('\n')
}

function describeCame(came: Came): string {
  if ('output' in came) return `${came.output.size} B`
  return `${came.problem.code}: ${printable(came.problem.detail, Infinity)}`
}
