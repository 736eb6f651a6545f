// A source that changed since what is debugged was built: said, with the choice to build it again.

import { commands, debug, type Disposable, l10n, window, workspace } from 'vscode'
import { debugType } from '../ids.ts'
import type { SourceFunctions } from '../source/functions.ts'

/** A ready module: what builds it is the person's own. */
export async function offerRebuild(name: string): Promise<void> {
  const build = l10n.t('Run Build Task')
  const said = l10n.t('The source of {0} has changed since the module was built.', name)
  if ((await window.showWarningMessage(said, build)) !== build) return
  await debug.stopDebugging()
  await commands.executeCommand('workbench.action.tasks.build')
}

/** Says it once a session. */
export function watchSources(functions: SourceFunctions): Disposable {
  const told = new Set<string>()
  return workspace.onDidSaveTextDocument(async ({ uri }) => {
    const session = debug.activeDebugSession
    if (session?.type !== debugType || told.has(session.id)) return
    const found = functions.of(uri)
    if (!found || found.path !== session.configuration['function']) return
    told.add(session.id)
    const rebuild = l10n.t('Rebuild and Restart')
    const said = l10n.t('{0} has changed since it was built for the debugger.', found.name)
    if ((await window.showWarningMessage(said, rebuild)) !== rebuild) return
    await debug.stopDebugging(session)
    await debug.startDebugging(session.workspaceFolder, session.configuration)
  })
}
