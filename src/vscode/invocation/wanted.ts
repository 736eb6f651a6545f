// Whether what came of a call is shown by itself.

import { type Uri, commands, workspace } from 'vscode'
import type { InvocationRecord } from '../../trace/record.ts'
import { commands as ids } from '../ids.ts'

/** Beside the code, where the setting `wasmate.editor.showInvocation` says so; the cursor stays where it is. */
export async function showIfWanted(record: InvocationRecord & { folder: Uri }): Promise<void> {
  const wanted = workspace.getConfiguration('wasmate', record.folder).get<string>('editor.showInvocation')
  if (wanted !== 'always' && !(wanted === 'onFailure' && record.problem)) return
  await commands.executeCommand(ids.showInvocation, record, { preserveFocus: true })
}
