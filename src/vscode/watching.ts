// Files and folders that come or go where a function can be.

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
