// One panel that shows one invocation at a time: what the page asks for is done here. It survives being hidden and a
// reload of the window.

import { basename } from 'node:path'
import {
  Disposable,
  type ExtensionContext,
  Position,
  Range,
  Uri,
  ViewColumn,
  type WebviewPanel,
  commands,
  env,
  l10n,
  window,
  workspace,
} from 'vscode'
import type { InvocationRecord } from '../../trace/record.ts'
import type { Emulators } from '../emulators.ts'
import { commands as ids, panels } from '../ids.ts'
import { sayFailure } from '../failure.ts'
import { renderPage } from './html.ts'
import { type Choices, type PageMessage, type Side, type ViewMessage, parsePageMessage } from './messages.ts'
import { readRecord } from './record.ts'
import { findSource } from './source.ts'
import { readTexts } from './texts.ts'

/** A call, and the folder in whose emulator it was made. */
export interface Shown {
  record: InvocationRecord
  folder: Uri | undefined
}

/** How bodies are shown, by what was called; the last ones that were chosen. */
const choicesKey = 'wasmate.invocation.choices'
const maxChoices = 200

export class InvocationView implements Disposable {
  readonly #emulators: Emulators
  readonly #context: ExtensionContext
  #panel: WebviewPanel | undefined
  #shown: Shown | undefined
  #isReady = false

  constructor(emulators: Emulators, context: ExtensionContext) {
    this.#emulators = emulators
    this.#context = context
  }

  dispose(): void {
    this.#panel?.dispose()
  }

  /** Beside the code that it belongs to; in the panel that is open when there is one. */
  show(shown: Shown, preserveFocus: boolean): void {
    this.#shown = shown
    if (this.#panel) {
      const isThere = this.#panel.visible && (preserveFocus || this.#panel.active)
      if (!isThere) this.#panel.reveal(undefined, preserveFocus)
      this.#tell()
      return
    }
    const viewColumn = window.activeTextEditor ? ViewColumn.Beside : ViewColumn.Active
    const title = titleOf(shown.record)
    this.#adopt(window.createWebviewPanel(panels.invocation, title, { viewColumn, preserveFocus }))
  }

  /** A panel that was open when the window was last closed, or a second one of another window that was joined. */
  restore(panel: WebviewPanel, shown: Shown): void {
    this.#panel?.dispose()
    this.#shown = shown
    this.#adopt(panel)
  }

  #adopt(panel: WebviewPanel): void {
    const dist = Uri.joinPath(this.#context.extensionUri, 'dist')
    this.#panel = panel
    this.#isReady = false
    panel.webview.options = { enableScripts: true, localResourceRoots: [dist] }
    const listening = panel.webview.onDidReceiveMessage((value: unknown) => void this.#receive(panel, value))
    panel.onDidDispose(() => {
      listening.dispose()
      if (this.#panel !== panel) return
      this.#panel = undefined
      this.#shown = undefined
    })
    panel.webview.html = renderPage(panel.webview, dist)
  }

  /** What the page is not ready for is told when it is. */
  #tell(): void {
    if (!this.#panel || !this.#shown) return
    const { record, folder } = this.#shown
    this.#panel.title = titleOf(record)
    const choices = this.#allChoices()[record.target] ?? {}
    if (this.#isReady)
      this.#post({ type: 'show', record, folder: folder?.toString(), choices, texts: readTexts() })
  }

  #post(message: ViewMessage): void {
    void this.#panel?.webview.postMessage(message)
  }

  async #receive(panel: WebviewPanel, value: unknown): Promise<void> {
    const message = parsePageMessage(value)
    if (!message || panel !== this.#panel || !this.#shown) return
    try {
      await this.#do(message, this.#shown)
    } catch (error) {
      void window.showErrorMessage(sayFailure(error))
    }
  }

  async #do(message: PageMessage, { record, folder }: Shown): Promise<void> {
    switch (message.type) {
      case 'ready':
        // Also when it was hidden, and is made anew.
        this.#isReady = true
        return this.#tell()
      case 'run-again':
        return this.#runAgain({ record, folder })
      case 'run-with':
        return void (await commands.executeCommand(ids.runWith, { ...record, name: record.target, folder }))
      case 'debug':
        return void (await commands.executeCommand(ids.debug, { ...record, folder }))
      case 'replay':
        return void (await commands.executeCommand(ids.replay, { ...record, folder }))
      case 'open-cid':
        return void (await commands.executeCommand(ids.openCid, record.cid))
      case 'copy':
        return env.clipboard.writeText(message.text)
      case 'save':
        return save(record, message.side, folder)
      case 'choose':
        return this.#remember(record.target, { [message.side]: message.format })
      case 'open-source':
        return this.#openSource(message, { record, folder })
    }
  }

  /** The command shows what came of it, or gives it back to be shown. */
  async #runAgain({ record, folder }: Shown): Promise<void> {
    this.#post({ type: 'busy', isBusy: true })
    try {
      const again = await commands.executeCommand<unknown>(ids.runAgain, { ...record, folder })
      const next = await readRecord(again)
      // Whoever has gone on to something else meanwhile is not called back.
      if (next) this.show({ record: next, folder }, true)
    } finally {
      this.#post({ type: 'busy', isBusy: false })
    }
  }

  async #openSource(
    { file, line, column }: Extract<PageMessage, { type: 'open-source' }>,
    { record, folder }: Shown,
  ): Promise<void> {
    const uri = await findSource(this.#emulators.of(folder), record.target, file)
    if (!uri) return void window.showWarningMessage(l10n.t('{0} is not found in this workspace.', file))
    const at = new Position(line - 1, column - 1)
    const viewColumn = ViewColumn.One
    await window.showTextDocument(uri, { selection: new Range(at, at), viewColumn })
  }

  #allChoices(): Record<string, Choices> {
    return this.#context.workspaceState.get<Record<string, Choices>>(choicesKey, {})
  }

  async #remember(target: string, chosen: Choices): Promise<void> {
    const { [target]: before, ...others } = this.#allChoices()
    const kept = Object.entries(others).slice(1 - maxChoices)
    await this.#context.workspaceState.update(choicesKey, {
      ...Object.fromEntries(kept),
      [target]: { ...before, ...chosen },
    })
  }
}

function titleOf(record: InvocationRecord): string {
  const { target } = record
  const name = target.length > 40 ? `${target.slice(0, 12)}…${target.slice(-6)}` : target
  return [name, record.export].filter(Boolean).join(' · ')
}

async function save(record: InvocationRecord, side: Side, folder: Uri | undefined): Promise<void> {
  const kept = record[side]
  if (!kept) return
  const bytes = Buffer.from(kept.base64, 'base64')
  const name = `${record.target.replace(/[^\w.-]/g, '_')}-${side}${guessExtension(bytes)}`
  const defaultUri = folder ? Uri.joinPath(folder, name) : undefined
  const uri = await window.showSaveDialog({
    ...(defaultUri && { defaultUri }),
    title: l10n.t('Save as File'),
  })
  if (!uri) return
  await workspace.fs.writeFile(uri, bytes)
  if (bytes.length === kept.size) return
  const saved = basename(uri.path)
  void window.showWarningMessage(
    l10n.t('{0} has only the first {1} of {2} bytes: no more is kept.', saved, bytes.length, kept.size),
  )
}

function guessExtension(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 12)
  if (start.startsWith('\x89PNG')) return '.png'
  if (start.startsWith('\xff\xd8\xff')) return '.jpg'
  if (start.startsWith('GIF8')) return '.gif'
  if (/^RIFF[^]{4}WEBP/.test(start)) return '.webp'
  if (/^\s*<(?:svg|\?xml)/.test(start)) return '.svg'
  if (/^\s*[[{]/.test(start)) return '.json'
  return bytes.includes(0) ? '.bin' : '.txt'
}
