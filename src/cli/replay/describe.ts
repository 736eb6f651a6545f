// What came of replays, for people to read: nothing of what a function says moves the cursor.

import { printable, printableLine } from '../../base/printable.ts'
import { describeStack } from '../output.ts'
import type { AgainstReport } from '../../flows/replay/against.ts'
import type { Bisection } from '../../flows/replay/bisect.ts'
import type { Came, ReplayReport } from '../../flows/replay/replay.ts'

export function describeReplay(report: ReplayReport): string {
  const { recorded, replayed, unfaithful, fuel, fuelMissing } = report
  const why = fuelMissing === undefined ? '' : `: ${printableLine(fuelMissing, Infinity)}`
  return [
    `${report.same ? 'the same' : 'NOT the same'}  ${nameOf(report)}`,
    `receipt   ${report.receipt}`,
    `module    ${report.module}`,
    `recorded  ${describeCame(recorded)}, ${report.recordedMs.toFixed(1)} ms`,
    ...('problem' in recorded ? describeStack(recorded.problem).map((line) => `        ${line}`) : []),
    ...(replayed ? [`replayed  ${describeCame(replayed)}, ${report.replayedMs.toFixed(1)} ms`] : []),
    `fuel      ${fuel === undefined ? `not counted${why}` : `${fuel} instructions`}`,
    ...unfaithful.map((each) => `warning   not recorded faithfully: ${printableLine(each, Infinity)}`),
    ...describeChange(report),
  ].join('\n')
}

export function describeAgainst({ reports, skipped, ...found }: AgainstReport): string {
  const changed = reports.filter(({ same }) => !same)
  const lines = changed.flatMap((report) => {
    return [
      `changed   ${report.receipt}  ${nameOf(report)}`,
      ...describeCames(report),
      ...describeChange(report),
    ]
  })
  return [
    `${found.same} the same, ${found.changed} changed, ${skipped.length} skipped`,
    `module    ${found.module}`,
    ...lines,
    ...skipped.map(
      ({ receipt, problem }) => `skipped   ${receipt}  ${printableLine(problem.detail, Infinity)}`,
    ),
  ].join('\n')
}

export function describeBisection({ function: name, first, tried }: Bisection): string {
  const lines = tried.map(({ version, same, why = '' }) => {
    return `tried     v${version}  ${same ? 'the same' : printableLine(why, 200)}`
  })
  return [...lines, `first     ${printableLine(name)} v${first.version}  ${first.cid}`].join('\n')
}

function nameOf({ function: name, version, export: exported }: ReplayReport): string {
  return printableLine(`${name}${version === undefined ? '' : ` v${version}`} ${exported}`)
}

function describeCames({ recorded, replayed }: ReplayReport): string[] {
  // Two outputs are told by what differs in them.
  if (!replayed || ('output' in recorded && 'output' in replayed)) return []
  return [`          was  ${describeCame(recorded)}`, `          now  ${describeCame(replayed)}`]
}

function describeChange({ diverged, difference }: ReplayReport): string[] {
  const lines = difference?.words.split('\n').map((line) => printable(line, Infinity)) ?? []
  if (!diverged) return lines
  const { index, expected = 'no such host call', got = 'the end of the call' } = diverged
  const words = [
    `diverged  at host call ${index + 1}`,
    `          expected ${expected}`,
    `          got      ${got}`,
  ]
  return [...words.map((line) => printableLine(line, Infinity)), ...lines]
}

/** What a function said when it failed may be pages: `--json` has all of it. */
function describeCame(came: Came): string {
  if ('output' in came) return `${came.output.size} B`
  return `${came.problem.code}: ${printable(came.problem.detail)}`
}
