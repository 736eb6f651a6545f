// Replay: a recorded call once more, and what came of it: of a call in the list, or of a receipt by its CID.

import { Uri, l10n, window } from 'vscode'
import type { Came, ReplayReport } from '../../../flows/replay/replay.ts'
import type { EmulatorLink } from '../../emulator/link.ts'
import { runVisibly } from '../../progress.ts'
import { formatBytes, formatDuration } from '../../trees/words.ts'
import { type Desk, linkFor, unlessGivenUp } from '../command.ts'
import type { Report, ReportLine, Reports } from './report.ts'

/** The command takes a record of a call, or the CID of a receipt; gives the report. */
export function replayCommand(desk: Desk, reports: Reports): (given: unknown) => Promise<ReplayReport> {
  return async (given) => {
    const link = await findLink(desk, given)
    const client = await link.require()
    const receipt = readReceipt(given) ?? (await askForReceipt())
    const found = await runVisibly(l10n.t('Replaying'), (signal, say) =>
      client.stream('replay', { receipt }, { signal, report: ({ doing }) => say(doing) }),
    )
    reports.show(toReport(found))
    return found
  }
}

/** A call in the list carries the folder in whose emulator it was made. */
async function findLink(desk: Desk, given: unknown): Promise<EmulatorLink> {
  const folder = typeof given === 'object' && given !== null && 'folder' in given ? given.folder : undefined
  const uri = typeof folder === 'string' ? Uri.parse(folder) : folder
  return (uri instanceof Uri ? desk.emulators.of(uri) : undefined) ?? (await linkFor(desk, {}))
}

function readReceipt(given: unknown): string | undefined {
  if (typeof given === 'string') return given
  if (typeof given !== 'object' || given === null || !('receipt' in given)) return undefined
  return typeof given.receipt === 'string' ? given.receipt : undefined
}

async function askForReceipt(): Promise<string> {
  const entered = await window.showInputBox({
    title: l10n.t('Replay a Receipt'),
    prompt: l10n.t('CID of a receipt: it stands in the header wasmate-receipt of an answer.'),
    ignoreFocusOut: true,
  })
  return unlessGivenUp(entered?.trim() || undefined)
}

function toReport(report: ReplayReport): Report {
  const name = [report.function, report.export].join(' · ')
  return {
    path: `replay/${report.receipt}`,
    title: l10n.t('Replay of {0}', name),
    outcome: report.same ? l10n.t('The same as it was recorded') : l10n.t('Not the same as it was recorded'),
    lines: [toResult(report), ...toDivergence(report), toFuel(report), toFaith(report), toModule(report)],
    actions: [],
  }
}

function toResult({ same, recorded, replayed, difference, replayedMs }: ReplayReport): ReportLine {
  const found = replayed ? l10n.t('{0} in {1}', sayCame(replayed), formatDuration(replayedMs)) : ''
  return {
    mark: same ? 'good' : 'differs',
    what: l10n.t('Result'),
    found,
    meaning: difference?.words ?? l10n.t('Recorded: {0}', sayCame(recorded)),
  }
}

function toDivergence({ diverged }: ReplayReport): ReportLine[] {
  if (!diverged) return []
  const { index, expected, got } = diverged
  return [
    {
      mark: 'differs',
      what: l10n.t('Host call {0}', index + 1),
      found: l10n.t('expected: {0}', expected ?? l10n.t('none')),
      meaning: l10n.t('The module asked for: {0}', got ?? l10n.t('nothing, it had ended')),
    },
  ]
}

function toFuel({ fuel, fuelMissing = '' }: ReplayReport): ReportLine {
  const what = l10n.t('Fuel')
  if (fuel === undefined) return { mark: 'absent', what, found: l10n.t('not counted'), meaning: fuelMissing }
  return {
    ...{ mark: 'good', what, found: l10n.t('{0} instructions', fuel.toLocaleString()) },
    meaning: l10n.t('The same call on the same module runs as many each time.'),
  }
}

function toFaith({ faithful, unfaithful, recordedMs }: ReplayReport): ReportLine {
  return {
    mark: faithful ? 'good' : 'warning',
    what: l10n.t('Recording'),
    found: formatDuration(recordedMs),
    meaning: faithful
      ? l10n.t('All that the call was told is in its receipt.')
      : l10n.t('Not faithful: {0}', unfaithful.join('; ')),
  }
}

function toModule({ module, version, receipt }: ReplayReport): ReportLine {
  const found = version === undefined ? module : `v${version} · ${module}`
  return { mark: 'good', what: l10n.t('Module'), found, meaning: receipt, cid: module }
}

function sayCame(came: Came): string {
  return 'output' in came ? formatBytes(came.output.size) : `${came.problem.code} ${came.problem.detail}`
}
