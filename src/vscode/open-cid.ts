// "Open CID...": asks which, then shows the file, or the folder as a list to go through.

import {
  type QuickPickItem,
  QuickPickItemKind,
  ThemeIcon,
  type Uri,
  commands,
  l10n,
  window,
  workspace,
} from 'vscode'
import type { NamedEntry } from '../content/tree/tree.ts'
import { namesOf, uriOf } from './address.ts'
import { unlessGivenUp } from './commands/command.ts'
import { readGiven } from './commands/given.ts'
import type { Contents } from './contents.ts'
import { sayFailure } from './failure.ts'
import { runVisibly } from './progress.ts'

/** Takes an address, or a line of a view that has a CID; asks otherwise. Throws CANCELLED. */
export async function openCid(contents: Contents, given: unknown): Promise<void> {
  const { parseAddress } = await import('../content/tree/address.ts')
  const known = typeof given === 'string' ? given : readGiven(given).cid
  const text = known ?? unlessGivenUp(await askForAddress(parseAddress))
  const { cid, segments } = parseAddress(text)
  await show(contents, uriOf(cid.toString(), segments))
}

function askForAddress(check: (text: string) => unknown): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t('Open CID'),
    prompt: l10n.t('A CID or an ipfs:// URI; a path may follow.'),
    placeHolder: 'bafy… · Qm… · ipfs://bafy…/path',
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === '') return undefined
      try {
        check(text)
        return undefined
      } catch (error) {
        return sayFailure(error)
      }
    },
  })
}

async function show(contents: Contents, uri: Uri): Promise<void> {
  const { type } = await visibly(uri, (signal) => contents.lookUp(uri, signal))
  if (type === 'directory') await browse(contents, uri)
  else await commands.executeCommand('vscode.open', uri)
}

interface Choice extends QuickPickItem {
  choose(): Promise<void>
}

const separator: Choice = { label: '', kind: QuickPickItemKind.Separator, choose: async () => undefined }

async function browse(contents: Contents, folder: Uri): Promise<void> {
  const entries = await visibly(folder, (signal) => contents.list(folder, signal))
  const { cid, segments } = namesOf(folder)
  const above = segments.length > 0 ? [goUp(contents, cid, segments.slice(0, -1))] : []
  const items = entries.sort(byKindAndName).map((entry) => choiceOf(contents, cid, segments, entry))
  const chosen = await window.showQuickPick([...above, ...items, separator, addToExplorer(folder)], {
    title: [cid, ...segments].join('/'),
    placeHolder: l10n.t('{0} entries; choose what to open', entries.length),
  })
  await chosen?.choose()
}

function choiceOf(contents: Contents, cid: string, segments: string[], { name, type }: NamedEntry): Choice {
  return {
    label: withoutIcons(name),
    iconPath: type === 'directory' ? ThemeIcon.Folder : ThemeIcon.File,
    choose: () => show(contents, uriOf(cid, [...segments, name])),
  }
}

function goUp(contents: Contents, cid: string, segments: string[]): Choice {
  return {
    label: '..',
    iconPath: new ThemeIcon('arrow-up'),
    choose: () => browse(contents, uriOf(cid, segments)),
  }
}

function addToExplorer(folder: Uri): Choice {
  const { cid, segments } = namesOf(folder)
  return {
    label: l10n.t('Add this folder to the Explorer'),
    iconPath: new ThemeIcon('root-folder-opened'),
    alwaysShow: true,
    choose: async () => {
      const name = `${segments.at(-1) ?? `${cid.slice(0, 12)}…`} (IPFS)`
      workspace.updateWorkspaceFolders(workspace.workspaceFolders?.length ?? 0, 0, { uri: folder, name })
    },
  }
}

function byKindAndName(one: NamedEntry, other: NamedEntry): number {
  const [isFirst, isSecond] = [one.type === 'directory', other.type === 'directory']
  return isFirst === isSecond ? one.name.localeCompare(other.name) : isFirst ? -1 : 1
}

/** A file may be called $(anything): the list would draw an icon. */
function withoutIcons(name: string): string {
  return name.replaceAll('$(', '\\$(')
}

function visibly<T>(uri: Uri, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return runVisibly(l10n.t('Reading {0}', uri.path.slice(1)), work)
}
