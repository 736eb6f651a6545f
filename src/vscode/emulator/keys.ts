// Context keys for the `when` clauses of package.json: the state of the emulator, and whether there are functions.

import { Disposable, type WorkspaceFolder, commands, window, workspace } from 'vscode'
import type { Emulators } from '../emulators.ts'
import { contextKeys } from '../ids.ts'
import { listOnDisk } from '../on-disk.ts'
import { soon, watchSources } from '../watching.ts'
import { shownLink } from './status.ts'

const settleMs = 200

export function registerKeys(emulators: Emulators): Disposable {
  let [state, hasFunctions]: [string | undefined, boolean | undefined] = [undefined, undefined]
  const tell = (): void => {
    const now = shownLink(emulators)?.state ?? 'none'
    if (now !== state) void commands.executeCommand('setContext', contextKeys.state, (state = now))
  }
  const count = async (): Promise<void> => {
    const found = await Promise.all(emulators.all.map(({ folder }) => holdsFunction(folder)))
    const now = found.includes(true)
    if (now !== hasFunctions) {
      void commands.executeCommand('setContext', contextKeys.hasFunctions, (hasFunctions = now))
    }
  }
  let timer: NodeJS.Timeout | undefined
  const countSoon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void count(), settleMs)
  }
  const watched = new Map<string, Disposable>()
  const watch = (): void => {
    const folders = new Map(emulators.all.map(({ folder }) => [folder.uri.toString(), folder]))
    for (const [uri, watcher] of watched) {
      if (folders.has(uri)) continue
      watcher.dispose()
      watched.delete(uri)
    }
    for (const [uri, folder] of folders)
      if (!watched.has(uri)) watched.set(uri, watchSources(folder, countSoon))
  }
  const follow = (): void => {
    tell()
    watch()
  }
  tell()
  return Disposable.from(
    soon(() => {
      watch()
      void count()
    }),
    emulators.onDidChange(follow),
    window.onDidChangeActiveTextEditor(tell),
    workspace.onDidChangeWorkspaceFolders(countSoon),
    new Disposable(() => {
      clearTimeout(timer)
      for (const watcher of watched.values()) watcher.dispose()
    }),
  )
}

/** A broken one is one, too: it is shown with what is wrong with it. */
async function holdsFunction(folder: WorkspaceFolder): Promise<boolean> {
  const { sources, broken } = await listOnDisk(folder).catch(() => ({ sources: [], broken: [] }))
  return broken.length > 0 || sources.length > 0
}
