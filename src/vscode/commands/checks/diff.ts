// Diff: what is here, pinned, registered, served and locked under one name: the same bytes or not, and why.

import { commands, l10n } from 'vscode'
import { errorTable } from '../../../base/errors.ts'
import type { Comparison, Place, PlaceReport } from '../../../flows/diff.ts'
import { commands as ids } from '../../ids.ts'
import { runVisibly } from '../../progress.ts'
import { formatBytes } from '../../trees/words.ts'
import { chooseName } from '../choose.ts'
import { type Desk, type Run, linkFor } from '../command.ts'
import type { Report, ReportLine, Reports } from './report.ts'

export function diffCommand(desk: Desk, reports: Reports): Run {
  return async (given) => {
    const link = await linkFor(desk, given)
    const client = await link.require()
    const name = given.name ?? (await chooseName(client, 'emulator', l10n.t('Diff a Function')))
    const found = await runVisibly(l10n.t('Comparing {0}', name), (signal, say) =>
      client.stream('diff', { name }, { signal, report: ({ doing }) => say(doing) }),
    )
    reports.show(toReport(found))
    return found
  }
}

function toReport({ name, same, places }: Comparison): Report {
  const differing = places.filter((place) => place.same === false).map(({ place }) => sayPlace(place))
  const outcome = same
    ? l10n.t('The same bytes everywhere')
    : differing.length > 0
      ? l10n.t('Not the same: {0}', differing.join(', '))
      : l10n.t('Not the same everywhere')
  return {
    path: `diff/${name}`,
    title: l10n.t('{0}: local = pinned = registered = served = locked?', name),
    outcome,
    lines: places.map(toLine),
    actions: [
      {
        title: l10n.t('Verify the Registered Version'),
        icon: 'shield',
        run: async () => commands.executeCommand(ids.verify, { name, network: 'emulator' }),
      },
    ],
  }
}

function toLine({ place, found, same, why, problem }: PlaceReport): ReportLine {
  const facts = found
    ? [
        ...(found.version === undefined ? [] : [`v${found.version}`]),
        found.cid,
        ...(found.size === undefined ? [] : [formatBytes(found.size)]),
      ]
    : []
  const trouble = problem && `${problem.detail}. ${l10n.t(errorTable[problem.code].next)}`
  const isHere = place === 'local' || place === 'locked'
  return {
    mark: problem ? 'warning' : !found ? 'absent' : same === false ? 'differs' : 'good',
    what: sayPlace(place),
    found: facts.join(' · '),
    meaning: trouble ?? why ?? sayMeaning(place),
    // What was only built, or is only written down, is on no node.
    cid: isHere ? undefined : found?.cid,
  }
}

function sayPlace(place: Place): string {
  return {
    local: l10n.t('Local'),
    pinned: l10n.t('Pinned'),
    registered: l10n.t('Registered'),
    served: l10n.t('Served'),
    locked: l10n.t('Locked'),
  }[place]
}

function sayMeaning(place: Place): string {
  return {
    local: l10n.t('What the folder builds to now.'),
    pinned: l10n.t('What the node keeps under the name.'),
    registered: l10n.t('The current version in the registry.'),
    served: l10n.t('What answers a call now.'),
    locked: l10n.t('What wasmate.lock names.'),
  }[place]
}
