// When a window looks at the disk: soon after it opens, and where files and folders of functions come or go.

import { Disposable, RelativePattern, type WorkspaceFolder, workspace } from 'vscode'

/** See `listSources`. Of a folder that goes, or gets another name, the folder alone is told. */
export function watchSources(folder: WorkspaceFolder, onChange: () => void): Disposable {
  const pattern = new RelativePattern(folder, '{*,*/*}')
  const watcher = workspace.createFileSystemWatcher(pattern, false, true, false)
  const look = ({ path }: { path: string }): void => {
    if (!path.slice(folder.uri.path.length).includes('/.')) onChange()
  }
  return Disposable.from(watcher, watcher.onDidCreate(look), watcher.onDidDelete(look))
}

/** Right after the activation, which the editor waits for: what is looked for on disk, and loaded for that. */
export function soon(work: () => void): Disposable {
  const waiting = setImmediate(work)
  return new Disposable(() => clearImmediate(waiting))
}
