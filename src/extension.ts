// Entry of the VS Code extension: what it adds to the editor, each part of src/vscode/ by its `register`.

import type { ExtensionContext } from 'vscode'
import { Contents } from './vscode/contents.ts'
import { registerIpfsFiles } from './vscode/ipfs-files.ts'
import { registerOpenCid } from './vscode/open-cid.ts'

/** Does no I/O: what is heavy is loaded when it is first used. */
export function activate(context: ExtensionContext): void {
  const contents = new Contents()
  context.subscriptions.push(contents, registerIpfsFiles(contents), registerOpenCid(contents))
}

/** Nothing to do: what was registered is disposed of by VS Code, and a read that is under way is ended with it. */
export function deactivate(): void {
  return
}
