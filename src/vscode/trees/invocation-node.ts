// One call: the record itself, as commands take it, and how it looks in the list.

import { type MarkdownString, ThemeIcon, type Uri, l10n } from 'vscode'
import type { InvocationRecord, KeptBytes } from '../../trace/record.ts'
import { commands as ids } from '../ids.ts'
import { errorIcon, goodIcon, toTreeItem } from './leaf.ts'
import type { Node } from './node.ts'
import { formatBytes, formatDuration, formatTime, oneLine, shorten, tooltipOf } from './words.ts'

/** Carries the folder whose emulator it was called in. */
export interface ShownInvocation extends InvocationRecord, Node {
  folder: Uri
}

/** How much of an input or output a tooltip shows. */
const previewLength = 300

export function invocationNode(record: InvocationRecord, folder: Uri): ShownInvocation {
  return {
    ...record,
    folder,
    toItem: () => {
      const command = { command: ids.showInvocation, title: l10n.t('Show Invocation') }
      return toTreeItem({ ...lookOf(record, folder), command })
    },
    tooltip: () => tooltip(record),
  }
}

function lookOf(record: InvocationRecord, folder: Uri): Parameters<typeof toTreeItem>[0] {
  const { id, at, target, cid, version, durationMs, problem, receipt } = record
  const label = nameOf(record)
  const outcome = problem ? problem.title : l10n.t('answered')
  const took = durationMs === undefined ? undefined : formatDuration(durationMs)
  const which = cid === undefined || cid === target ? undefined : shorten(cid)
  const parts = [formatTime(at), took, version === undefined ? undefined : `v${version}`, which]
  return {
    ...{ id: `invocation ${folder.toString()} ${id}`, label },
    description: parts.filter(Boolean).join(' · '),
    icon: problem ? (problem.status === 499 ? new ThemeIcon('circle-slash') : errorIcon) : goodIcon,
    contextValue: `invocation.${problem ? 'failed' : 'answered'}${receipt === undefined ? '' : '.recorded'}`,
    spoken: [label, outcome, formatTime(at), took].filter(Boolean).join(', '),
  }
}

function nameOf({ target, export: called }: InvocationRecord): string {
  const name = shorten(target, 40, 6)
  return called === undefined ? name : `${name} · ${oneLine(called)}`
}

function tooltip(record: InvocationRecord): MarkdownString {
  const { at, via, cid, version, input, output, problem, durationMs, logs } = record
  return tooltipOf(nameOf(record), [
    [l10n.t('Time'), formatTime(at)],
    [l10n.t('Called'), via === 'http' ? l10n.t('over HTTP') : l10n.t('by hand')],
    ['CID', cid],
    [l10n.t('Receipt'), record.receipt],
    [l10n.t('Version'), version === undefined ? undefined : `${version}`],
    [l10n.t('Duration'), durationMs === undefined ? undefined : formatDuration(durationMs)],
    [l10n.t('Input'), preview(input)],
    [l10n.t('Output'), output && preview(output)],
    [l10n.t('Problem'), problem?.detail],
    [l10n.t('Next'), problem?.next],
    [l10n.t('Log lines'), logs.length > 0 ? `${logs.length}` : undefined],
  ])
}

function preview({ size, base64 }: KeptBytes): string {
  if (size === 0) return l10n.t('nothing')
  const text = Buffer.from(base64.slice(0, previewLength * 2), 'base64').toString()
  const isText = !/[\0\ufffd]/.test(text.slice(0, -1))
  if (!isText) return formatBytes(size)
  return `${text.slice(0, previewLength)}${size > previewLength ? `… (${formatBytes(size)})` : ''}`
}
