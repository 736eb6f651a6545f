// Which function, and which of its versions: what was given, else what a person picks from a list.

import { type QuickPickItem, ThemeIcon, l10n, window } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { ControlClient } from '../../client/control.ts'
import type { VersionRecord } from '../../model.ts'
import { runVisibly } from '../progress.ts'
import { formatBytes } from '../trees/words.ts'
import { unlessGivenUp } from './command.ts'
import { ageOf, withoutIcons } from './words.ts'

/** Names that are listed to choose from; of more, the name is typed. */
const maxListed = 1_000

interface NameItem extends QuickPickItem {
  name: string
}

/** A name of the workspace or of the network's registry. Throws CANCELLED. */
export async function chooseName(client: ControlClient, network: string, title: string): Promise<string> {
  const items = runVisibly(l10n.t('Listing functions'), (signal) => listNames(client, network, signal))
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder: l10n.t('Which function?'),
    matchOnDescription: true,
  })
  return unlessGivenUp(chosen).name
}

async function listNames(client: ControlClient, network: string, signal: AbortSignal): Promise<NameItem[]> {
  const [here, registered] = await Promise.all([
    network === 'emulator' ? client.stream('overview', {}, { signal }) : [],
    client.list({ offset: 0, limit: maxListed, network }, signal),
  ])
  const own = here.map(({ name, why }) => itemOf(name, why, 'symbol-function'))
  const known = new Set(here.map(({ name }) => name))
  const others = registered
    .filter(({ name }) => !known.has(name))
    .map(({ name, current }) =>
      itemOf(name, current ? `v${current.version}` : l10n.t('no current version'), 'tag'),
    )
  if (own.length + others.length > 0) return [...own, ...others]
  throw new WasmateError('FUNCTION_NOT_FOUND', l10n.t('there is none on {0} yet', network))
}

function itemOf(name: string, description: string, icon: string): NameItem {
  return {
    name,
    label: withoutIcons(name),
    description: withoutIcons(description),
    iconPath: new ThemeIcon(icon),
  }
}

export interface VersionChoice {
  title: string
  placeHolder: string
  /** Which of them make sense here. */
  filter(version: VersionRecord): boolean
}

/** Newest first, each with its age, size, CID and marks. Throws CANCELLED. */
export async function chooseVersion(history: VersionRecord[], choice: VersionChoice): Promise<VersionRecord> {
  const { title, placeHolder, filter } = choice
  const items = history.filter(filter).map((version) => ({ ...describeVersion(version), version }))
  if (items.length === 0) throw new WasmateError('FUNCTION_NOT_FOUND', l10n.t('there is no other version'))
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  })
  return unlessGivenUp(chosen).version
}

/** The version of that number. Throws FUNCTION_NOT_FOUND. */
export function findVersion(history: VersionRecord[], name: string, version: number): VersionRecord {
  const found = history.find((each) => each.version === version)
  if (found) return found
  throw new WasmateError('FUNCTION_NOT_FOUND', `${name} v${version}`)
}

function describeVersion({
  version,
  isCurrent,
  yanked,
  publishedAt,
  size,
  cid,
  attestedBy,
}: VersionRecord): QuickPickItem {
  const marks = [
    ...(isCurrent ? [l10n.t('current')] : []),
    ...(yanked ? [l10n.t('yanked')] : []),
    ...(attestedBy.length > 0 ? [l10n.t('attested by {0}', attestedBy.length)] : []),
  ]
  const facts = [ageOf(publishedAt * 1000), ...(size > 0 ? [formatBytes(size)] : []), ...marks]
  const icon = isCurrent ? 'pass-filled' : yanked ? 'circle-slash' : 'history'
  return { label: `v${version}`, description: facts.join(' · '), detail: cid, iconPath: new ThemeIcon(icon) }
}
