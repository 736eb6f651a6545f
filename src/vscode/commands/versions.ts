// Rollback and yank: which version of a name is current, and which is not to be used any more.

import { l10n, window } from 'vscode'
import { printable } from '../../base/printable.ts'
import type { ControlClient } from '../../client/control.ts'
import type { Changed } from '../../client/messages.ts'
import type { ChangedThere } from '../../flows/deploying/change.ts'
import type { VersionRecord } from '../../model.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import { runVisibly } from '../progress.ts'
import { chooseName, chooseVersion, findVersion } from './choose.ts'
import { type Desk, type Run, linkFor } from './command.ts'
import { confirm } from './confirm.ts'
import type { Given } from './given.ts'
import type { NetworkChanges } from './network/change.ts'
import type { ChosenNetwork } from './networks.ts'

/** On the emulator nothing is at stake: it is not asked twice, and going back is the same command. */
export function rollbackCommand(desk: Desk, chosen: ChosenNetwork, changes: NetworkChanges): Run {
  return async (given) => {
    const network = chosen.of(given)
    const link = await linkFor(desk, given)
    const client = await link.require()
    const name = given.name ?? (await chooseName(client, network, l10n.t('Roll Back a Function')))
    const version = given.version ?? (await chooseOther(client, name, network))
    // One that can't be written is told before anything is sent.
    const { Lockfile } = await import('../../lockfile.ts')
    await new Lockfile(link.folder.uri.fsPath).read()
    const changed = await changes.change(link, network, given, { kind: 'set-current', name, version })
    await lock(link, client, changed)
    window.setStatusBarMessage(sayRollback(name, version, changed), messageMs)
    return changed
  }
}

const messageMs = 8_000

async function chooseOther(client: ControlClient, name: string, network: string): Promise<number> {
  const history = await readHistory(client, name, network)
  const chosen = await chooseVersion(history, {
    title: l10n.t('Roll Back {0}', name),
    placeHolder: l10n.t('The version that is to answer'),
    filter: ({ isCurrent, yanked }) => !isCurrent && !yanked,
  })
  return chosen.version
}

function readHistory(client: ControlClient, name: string, network: string): Promise<VersionRecord[]> {
  return runVisibly(l10n.t('Reading the versions of {0}', name), (signal) =>
    client.stream('log', { name, network }, { signal }),
  )
}

/** What was made current is what this workspace counts on from now on. */
async function lock(
  { folder }: EmulatorLink,
  client: ControlClient,
  changed: Changed | ChangedThere,
): Promise<void> {
  if (!changed.current) return
  const [{ writeLock, writeLockThere }, { workspaceAt }] = await Promise.all([
    import('../../client/lock.ts'),
    import('../../workspace.ts'),
  ])
  const place = { workspace: workspaceAt(folder.uri.fsPath), signal: new AbortController().signal }
  if ('contract' in changed) await writeLockThere(place, changed)
  else await writeLock(place, client, changed.current)
}

function sayRollback(name: string, version: number, changed: Changed | ChangedThere): string {
  const to = `v${changed.current?.version ?? version}`
  if (changed.state === 'unchanged') return l10n.t('{0}: {1} is current already', name, to)
  if ('contract' in changed) return l10n.t('{0}: {1} is current on {2} now', name, to, changed.network)
  const before = changed.before ? `v${changed.before}` : '-'
  return l10n.t('{0}: from {1} to {2}, which answers now', name, before, to)
}

export function yankCommand(desk: Desk, chosen: ChosenNetwork, changes: NetworkChanges): Run {
  return async (given) => {
    const network = chosen.of(given)
    const link = await linkFor(desk, given)
    const client = await link.require()
    const name = given.name ?? (await chooseName(client, network, l10n.t('Yank a Version')))
    const version = await confirmYank(client, { name, network }, given)
    return changes.change(link, network, given, { kind: 'yank', name, version })
  }
}

/** Says what it brings about: a yank can't be taken back. */
async function confirmYank(
  client: ControlClient,
  { name, network }: { name: string; network: string },
  given: Given,
): Promise<number> {
  const history = await readHistory(client, name, network)
  const record =
    given.version === undefined
      ? await chooseVersion(history, {
          title: l10n.t('Yank a Version of {0}', name),
          placeHolder: l10n.t('The version that is not to be used any more'),
          filter: ({ yanked }) => !yanked,
        })
      : findVersion(history, name, given.version)
  const { version, cid, isCurrent } = record
  const next = history.find((each) => !each.yanked && each.version < version)
  const consequence = !isCurrent
    ? l10n.t('It is not current; what answers stays as it is.')
    : next
      ? l10n.t(
          'It is current. The newest version before it that is not yanked, v{0}, answers then.',
          next.version,
        )
      : l10n.t('It is current, and no other version can stand in: the name answers no more.')
  await confirm(given, {
    question: l10n.t('Yank v{0} of {1}? This can not be undone.', version, name),
    detail: `${printable(cid, 120)}\n${consequence}`,
    yes: l10n.t('Yank'),
  })
  return version
}
