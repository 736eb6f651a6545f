// The state of an emulator kept under a name, and brought back.

import { type QuickPickItem, ThemeIcon, l10n, window, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { Workspace } from '../../workspace.ts'
import { sayFailure } from '../failure.ts'
import { runVisibly } from '../progress.ts'
import type { EmulatorLink } from './link.ts'

const loadSnapshots = async () => ({
  ...(await import('../../flows/snapshots.ts')),
  ...(await import('../../workspace.ts')),
})

/** Asks for the name unless it is given; one that is there is replaced when a person says so. */
export async function saveSnapshot(link: EmulatorLink, given?: unknown): Promise<void> {
  const { paths, snapshots } = await open(link)
  const name = typeof given === 'string' ? given : await askForName()
  if (name === undefined) return
  const isThere = (await snapshots.listSnapshots(paths)).some((each) => each.name === name)
  if (isThere && !(await confirmReplace(name))) return
  await runVisibly(l10n.t('Saving snapshot {0}', name), (signal) =>
    snapshots.saveSnapshot(paths, name, { replace: isThere, signal }),
  )
  void window.setStatusBarMessage(l10n.t('Snapshot {0} is saved', name), 5_000)
}

/** Asks which unless it is given. The emulator is started anew, and what was there becomes the snapshot `replaced`. */
export async function restoreSnapshot(link: EmulatorLink, given?: unknown): Promise<void> {
  const { paths, snapshots } = await open(link)
  const known = await snapshots.listSnapshots(paths)
  if (typeof given === 'string') {
    // Before the one that runs is stopped for nothing.
    if (!known.some(({ name }) => name === given)) throw new WasmateError('SNAPSHOT_NOT_FOUND', given)
    return link.start({ restore: given })
  }
  const items = known.map(({ name, savedAt }): QuickPickItem => {
    const detail =
      name === snapshots.replacedName ? l10n.t('what was there before the last restore') : undefined
    const description = new Date(savedAt).toLocaleString()
    return { label: name, description, iconPath: new ThemeIcon('archive'), ...(detail && { detail }) }
  })
  const placeHolder =
    items.length > 0
      ? l10n.t('Which snapshot? What is there now is kept as the snapshot "{0}".', snapshots.replacedName)
      : l10n.t('There is no snapshot yet: save one first.')
  const chosen = await window.showQuickPick(items, { title: l10n.t('Restore Snapshot'), placeHolder })
  if (chosen) await link.start({ restore: chosen.label })
}

async function open({ folder }: EmulatorLink): Promise<{ paths: Workspace; snapshots: Loaded }> {
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED', folder.name)
  const snapshots = await loadSnapshots()
  return { paths: snapshots.workspaceAt(folder.uri.fsPath), snapshots }
}

type Loaded = Awaited<ReturnType<typeof loadSnapshots>>

async function askForName(): Promise<string | undefined> {
  const { checkSnapshotName } = await loadSnapshots()
  return window.showInputBox({
    title: l10n.t('Save Snapshot'),
    prompt: l10n.t('Chain, published functions, pins and blocks as they are now are kept under this name.'),
    value: `snapshot-${new Date().toISOString().slice(0, 10)}`,
    validateInput: (name) => {
      try {
        checkSnapshotName(name)
        return undefined
      } catch (error) {
        return sayFailure(error)
      }
    },
  })
}

async function confirmReplace(name: string): Promise<boolean> {
  const replace = l10n.t('Replace')
  const question = l10n.t('There is a snapshot {0}. Replace it?', name)
  return (await window.showWarningMessage(question, { modal: true }, replace)) === replace
}
