// The walkthrough's steps are done by doing; what no command or view tells of is told here.

import { dirname } from 'node:path'
import { type Disposable, type TextDocument, Uri, commands, workspace } from 'vscode'
import { contextKeys } from '../ids.ts'

/** A source that was changed and saved. */
export function registerWalkthrough(): Disposable {
  return workspace.onDidSaveTextDocument((document) => void tellSaved(document))
}

async function tellSaved({ uri }: TextDocument): Promise<void> {
  if (uri.scheme !== 'file' || uri.path.endsWith('.json')) return
  const manifest = Uri.joinPath(Uri.file(dirname(uri.fsPath)), 'wasmate.json')
  const isFunction = await workspace.fs.stat(manifest).then(
    () => true,
    () => false,
  )
  if (isFunction) await commands.executeCommand('setContext', contextKeys.saved, true)
}
