// The sidebar: its four views, what they tell the menus, and the commands that belong to them alone.

import { Disposable, type ExtensionContext, commands, l10n, window } from 'vscode'
import type { Emulators } from '../emulators.ts'
import { commands as ids, views as viewIds } from '../ids.ts'
import { Clicked } from '../clicked.ts'
import { registerCopying } from './copying.ts'
import { EmulatorView } from './emulator.ts'
import { FunctionsView } from './functions.ts'
import { InvocationsView } from './invocations.ts'
import type { MoreNode } from './pages.ts'
import type { View } from './view.ts'
import { RegistryView } from './registry.ts'
import { oneLine } from './words.ts'

/** The views by their ids. */
export interface Sidebar extends Disposable {
  views: Record<string, View>
  clicked: Clicked
}

/** Where the chosen network is kept, of this workspace. */
export const networkKey = 'wasmate.network'

export function registerSidebar(emulators: Emulators, context: ExtensionContext): Sidebar {
  const network = (): string => context.workspaceState.get<string>(networkKey) ?? 'emulator'
  const functions = new FunctionsView(emulators)
  const registry = new RegistryView(emulators, network)
  const emulator = new EmulatorView(emulators)
  const invocations = new InvocationsView(emulators)
  const views: Record<string, View> = {
    [viewIds.functions]: functions,
    [viewIds.registry]: registry,
    [viewIds.emulator]: emulator,
    [viewIds.invocations]: invocations,
  }
  const clicked = new Clicked()
  const disposables = [
    ...Object.values(views),
    window.registerTreeDataProvider(viewIds.functions, functions),
    window.registerTreeDataProvider(viewIds.emulator, emulator),
    showRegistry(registry, clicked),
    showInvocations(invocations, clicked),
    tellChain(emulators, network),
    registerCopying(),
    commands.registerCommand(ids.loadMore, async (given?: Partial<MoreNode>) => {
      const line: Partial<MoreNode> | undefined = given ?? (await clicked.line())
      line?.more?.()
    }),
    commands.registerCommand(ids.refresh, () => {
      tell(emulators, network)
      invocations.reload()
      for (const view of Object.values(views)) view.refreshNow()
    }),
    commands.registerCommand(ids.clearInvocations, async (given?: { confirmed?: unknown }) => {
      if (given?.confirmed === true || (await isToBeCleared())) await clearInvocations(emulators, invocations)
    }),
  ]
  return { views, clicked, dispose: () => void Disposable.from(...disposables).dispose() }
}

/** Says above the list which network it is of, and what of it is shown. */
function showRegistry(view: RegistryView, clicked: Clicked): Disposable {
  const tree = window.createTreeView(viewIds.registry, { treeDataProvider: view, showCollapseAll: true })
  const describe = (): void => {
    tree.description = view.filter ? `${view.network} · ${oneLine(view.filter)}` : view.network
  }
  describe()
  return Disposable.from(
    tree,
    clicked.watch(tree, view),
    view.onDidChangeTreeData(describe),
    commands.registerCommand(ids.filterRegistry, async (given?: unknown) => {
      const text = typeof given === 'string' ? given : await askForFilter(view.filter)
      if (text !== undefined) view.setFilter(text)
    }),
    commands.registerCommand(ids.clearFilter, () => view.setFilter('')),
  )
}

function showInvocations(view: InvocationsView, clicked: Clicked): Disposable {
  const tree = window.createTreeView(viewIds.invocations, { treeDataProvider: view })
  return Disposable.from(tree, clicked.watch(tree, view))
}

function askForFilter(value: string): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t('Filter Registry'),
    prompt: l10n.t('Part of a name, a CID or an owner; nothing shows all.'),
    value,
  })
}

/** What an empty view says depends on the network and on the chain. */
function tellChain(emulators: Emulators, network: () => string): Disposable {
  const heard = new Map<unknown, Disposable>()
  const listen = (): void => {
    for (const link of emulators.all) {
      if (!heard.has(link))
        heard.set(
          link,
          link.onDidChange(() => tell(emulators, network)),
        )
    }
    tell(emulators, network)
  }
  const links = emulators.onDidChange(listen)
  listen()
  return {
    dispose: () => {
      links.dispose()
      for (const each of heard.values()) each.dispose()
    },
  }
}

function tell({ all }: Emulators, network: () => string): void {
  const states = all.flatMap(({ status }) => (status ? [status.chain.state] : []))
  const [state = 'none'] = [states.find((each) => each === 'ready'), ...states].filter(Boolean)
  void commands.executeCommand('setContext', 'wasmate.chain', state)
  void commands.executeCommand('setContext', 'wasmate.network', network())
}

async function isToBeCleared(): Promise<boolean> {
  const clear = l10n.t('Clear')
  const question = l10n.t('Forget every invocation of this workspace?')
  const detail = l10n.t('They can not be run again from here then.')
  return (await window.showWarningMessage(question, { modal: true, detail }, clear)) === clear
}

async function clearInvocations(emulators: Emulators, view: InvocationsView): Promise<void> {
  await Promise.all(emulators.all.map(async ({ client }) => client?.stream('clear', {}, {})))
  view.reload()
}
