// "Show Invocation": a call that was made, whoever made it, with what came of it.

import { Disposable, type ExtensionContext, Uri, commands, window } from 'vscode'
import type { Emulators } from '../emulators.ts'
import { commands as ids, panels } from '../ids.ts'
import type { Clicked } from '../clicked.ts'
import { readRecord } from './record.ts'
import type { InvocationView } from './view.ts'

/**
 * The command takes a record, which may carry its `folder`, and `preserveFocus` to leave the cursor where it is; with
 * nothing it is a click on a line.
 */
export function registerInvocation(
  emulators: Emulators,
  context: ExtensionContext,
  clicked: Clicked,
): Disposable {
  let view: InvocationView | undefined
  // Loaded when a call is first shown.
  const load = async (): Promise<InvocationView> => {
    const { InvocationView } = await import('./view.ts')
    return (view ??= new InvocationView(emulators, context))
  }
  return Disposable.from(
    new Disposable(() => view?.dispose()),
    commands.registerCommand(ids.showInvocation, async (...all: unknown[]) => {
      const [given, options] = all.length > 0 ? all : [await clicked.line()]
      const record = await readRecord(given)
      if (record) (await load()).show({ record, folder: folderOf(given) }, isSet(options, 'preserveFocus'))
    }),
    window.registerWebviewPanelSerializer(panels.invocation, {
      deserializeWebviewPanel: async (panel, state: unknown) => {
        const record = await readRecord(member(state, 'record'))
        if (record) (await load()).restore(panel, { record, folder: folderOf(state) })
        else panel.dispose()
      },
    }),
  )
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function isSet(value: unknown, key: string): boolean {
  return member(value, key) === true
}

/** As a URI, or as the text of one. */
function folderOf(value: unknown): Uri | undefined {
  const folder = member(value, 'folder')
  if (folder instanceof Uri) return folder
  return typeof folder === 'string' && folder !== '' ? Uri.parse(folder) : undefined
}
