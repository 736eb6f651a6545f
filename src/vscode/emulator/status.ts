// One item in the status bar: the state of the emulator in a word, where it listens, and all that can be done with it.

import {
  Disposable,
  MarkdownString,
  type QuickPickItem,
  QuickPickItemKind,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  ThemeIcon,
  Uri,
  commands,
  env,
  l10n,
  window,
} from 'vscode'
import { fromProblem } from '../../base/errors.ts'
import type { EmulatorStatus } from '../../client/messages.ts'
import { registerCommand } from '../telling.ts'
import type { Emulators } from '../emulators.ts'
import { sayFailure } from '../failure.ts'
import { commands as ids } from '../ids.ts'
import { requireLink } from './actions.ts'
import type { EmulatorLink, LinkState } from './link.ts'

export function registerStatus(emulators: Emulators): Disposable {
  const item = window.createStatusBarItem('wasmate.emulator', StatusBarAlignment.Left, 10)
  item.name = l10n.t('Wasmate Emulator')
  item.command = ids.emulatorActions
  const show = (): void => showState(item, shownLink(emulators))
  show()
  return Disposable.from(
    item,
    emulators.onDidChange(show),
    window.onDidChangeActiveTextEditor(show),
    registerCommand(ids.emulatorActions, async () => {
      const link = await requireLink(emulators)
      if (link) await offerActions(link)
    }),
  )
}

/** Of the file that is being edited; else the one that is most alive. */
export function shownLink(emulators: Emulators): EmulatorLink | undefined {
  const near = emulators.of(window.activeTextEditor?.document.uri)
  if (near) return near
  const order: LinkState[] = ['failed', 'running', 'starting', 'stopping', 'stopped']
  return [...emulators.all].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0]
}

/** What a person waits for when the chain is not yet there is the same as when nothing is: the start. */
export function stateOf({ state, status }: EmulatorLink): LinkState {
  if (state !== 'running' || !status) return state
  if (status.chain.state === 'failed') return 'failed'
  return status.chain.state === 'ready' ? 'running' : 'starting'
}

const icons: Record<LinkState, string> = {
  stopped: 'circle-outline',
  starting: 'loading~spin',
  running: 'circle-filled',
  stopping: 'loading~spin',
  failed: 'error',
}

function sayState(state: LinkState): string {
  return {
    stopped: l10n.t('stopped'),
    starting: l10n.t('starting'),
    running: l10n.t('running'),
    stopping: l10n.t('stopping'),
    failed: l10n.t('failed'),
  }[state]
}

function showState(item: StatusBarItem, link: EmulatorLink | undefined): void {
  if (!link) return item.hide()
  const state = stateOf(link)
  const text = `Wasmate: ${sayState(state)}`
  item.text = `$(${icons[state]}) ${text}`
  item.accessibilityInformation = { label: text }
  item.backgroundColor = state === 'failed' ? new ThemeColor('statusBarItem.errorBackground') : undefined
  item.tooltip = describeLink(link)
  item.show()
}

function describeLink(link: EmulatorLink): MarkdownString {
  const { status } = link
  const text = new MarkdownString()
  text.appendText(l10n.t('Emulator of {0}: {1}', link.folder.name, sayState(stateOf(link))))
  const problem = link.problem ?? status?.chain.problem
  if (problem) text.appendMarkdown('\n\n').appendText(sayFailure(fromProblem(problem)))
  const doing = status?.chain.progress?.doing
  if (doing && status.chain.state !== 'ready') text.appendMarkdown('\n\n').appendText(doing)
  if (status) text.appendMarkdown(`\n\n${urlsOf(status).map(describeUrl).join('\n')}`)
  return text
}

function describeUrl({ part, url }: NamedUrl): string {
  return `- ${part}: \`${url}\``
}

interface NamedUrl {
  part: string
  url: string
}

function urlsOf({ urls }: EmulatorStatus): NamedUrl[] {
  return Object.entries(urls).map(([part, url]) => ({ part, url }))
}

interface Choice extends QuickPickItem {
  run(): unknown
}

async function offerActions(link: EmulatorLink): Promise<void> {
  const placeHolder = l10n.t('Emulator of {0}: {1}', link.folder.name, sayState(stateOf(link)))
  const chosen = await window.showQuickPick(choicesOf(link), { placeHolder })
  await chosen?.run()
}

function choicesOf(link: EmulatorLink): Choice[] {
  const { state, status } = link
  const isUp = state === 'running' || state === 'starting'
  const choice = (icon: string, label: string, command: string, ...args: unknown[]): Choice => ({
    ...{ label, iconPath: new ThemeIcon(icon) },
    run: () => commands.executeCommand(command, ...args),
  })
  const separator: Choice = { label: '', kind: QuickPickItemKind.Separator, run: () => undefined }
  const start = choice('play', l10n.t('Start'), ids.startEmulator)
  const stop = choice('debug-stop', l10n.t('Stop'), ids.stopEmulator)
  const copy: Choice = {
    ...{ label: l10n.t('Copy URL...'), iconPath: new ThemeIcon('copy') },
    run: () => status && copyUrl(status),
  }
  return [
    ...(isUp ? [stop, choice('debug-restart', l10n.t('Restart'), ids.restartEmulator)] : [start]),
    choice('trash', l10n.t('Reset...'), ids.resetEmulator),
    separator,
    choice('save', l10n.t('Save Snapshot...'), ids.saveSnapshot),
    choice('history', l10n.t('Restore Snapshot...'), ids.restoreSnapshot),
    separator,
    ...(status ? [copy] : []),
    choice('output', l10n.t('Show Logs'), ids.showLogs),
    choice('pulse', l10n.t('Run Doctor'), ids.doctor),
    choice('clippy', l10n.t('Copy Diagnostics'), ids.copyDiagnostics),
    choice('gear', l10n.t('Settings'), 'workbench.action.openSettings', '@ext:wasmate.wasmate'),
  ]
}

/** As it is reached from where the person sits: in a remote window that is another machine. */
async function copyUrl(status: EmulatorStatus): Promise<void> {
  const items = urlsOf(status).map(({ part, url }) => ({ label: part, description: url, url }))
  const chosen = await window.showQuickPick(items, {
    placeHolder: l10n.t('Which URL?'),
    matchOnDescription: true,
  })
  if (!chosen) return
  const reachable = await env.asExternalUri(Uri.parse(chosen.url))
  await env.clipboard.writeText(reachable.toString(true).replace(/\/$/, ''))
}
