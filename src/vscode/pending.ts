// A function that was made in an empty window: its folder is opened after that, and its file in the window that follows.

import { type ExtensionContext, Selection, Uri, window, workspace } from 'vscode'

interface Pending {
  parent: string
  entry: string
}

const pendingKey = 'wasmate.openNext'

export async function keepPending({ globalState }: ExtensionContext, pending: Pending): Promise<void> {
  await globalState.update(pendingKey, pending)
}

export async function openPending({ globalState }: ExtensionContext): Promise<void> {
  const pending = globalState.get<Pending>(pendingKey)
  if (!pending || !workspace.getWorkspaceFolder(Uri.file(pending.entry))) return
  await globalState.update(pendingKey, undefined)
  await openAtFirstChange(Uri.file(pending.entry))
}

/** The word that every template answers with is selected: whoever types changes the answer. */
export async function openAtFirstChange(entry: Uri): Promise<void> {
  const document = await workspace.openTextDocument(entry)
  const word = 'Hello'
  const at = document.getText().indexOf(`${word}, `)
  const selection =
    at < 0 ? undefined : new Selection(document.positionAt(at), document.positionAt(at + word.length))
  await window.showTextDocument(document, { preview: false, ...(selection && { selection }) })
}
