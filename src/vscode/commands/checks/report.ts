// What was found, for people: as a list to go through, each line with its meaning, and as a document to keep.

import {
  type Disposable,
  EventEmitter,
  type QuickPickItem,
  QuickPickItemKind,
  type TextDocumentContentProvider,
  ThemeColor,
  ThemeIcon,
  Uri,
  commands,
  l10n,
  window,
  workspace,
} from 'vscode'
import { reportScheme } from '../../ids.ts'
import { inMarkdown, withoutIcons } from '../words.ts'

export type Mark = 'good' | 'bad' | 'differs' | 'warning' | 'absent'

export interface ReportLine {
  mark: Mark
  what: string
  /** What was found. */
  found: string
  /** What that means, or what to do about it. */
  meaning: string
  /** CID that the line opens. */
  cid?: string | undefined
}

export interface ReportAction {
  title: string
  icon: string
  run(): Promise<unknown>
}

export interface Report {
  /** `verify/hello v2`: the document is called by it. */
  path: string
  title: string
  /** In a sentence. */
  outcome: string
  lines: ReportLine[]
  actions: ReportAction[]
}

/** Reports of this window, newest last; an old one is shown as long as its document is open. */
export class Reports implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>()
  readonly #changed = new EventEmitter<Uri>()
  readonly #registered: Disposable[]
  readonly onDidChange = this.#changed.event

  constructor() {
    this.#registered = [
      workspace.registerTextDocumentContentProvider(reportScheme, this),
      workspace.onDidCloseTextDocument(({ uri }) => void this.#texts.delete(uri.toString())),
    ]
  }

  provideTextDocumentContent(uri: Uri): string {
    return (
      this.#texts.get(uri.toString()) ??
      l10n.t('This report was made in another session. Run the command again.')
    )
  }

  /** Shows the list; resolves when that is there, not when it is closed. */
  show(report: Report): void {
    const picker = window.createQuickPick<Choice>()
    picker.title = report.title
    picker.placeholder = report.outcome
    picker.matchOnDescription = true
    picker.matchOnDetail = true
    picker.ignoreFocusOut = true
    picker.items = this.#items(report)
    picker.onDidHide(() => picker.dispose())
    picker.onDidAccept(() => {
      const [chosen] = picker.selectedItems
      picker.hide()
      void chosen?.run()
    })
    picker.show()
  }

  dispose(): void {
    for (const each of [...this.#registered, this.#changed]) each.dispose()
  }

  #items(report: Report): Choice[] {
    const open = async (): Promise<void> => this.#open(report)
    const document = { label: l10n.t('Open as Document'), iconPath: new ThemeIcon('markdown'), run: open }
    const actions = report.actions.map(({ title, icon, run }) => ({
      label: title,
      iconPath: new ThemeIcon(icon),
      run,
    }))
    const separator = { label: '', kind: QuickPickItemKind.Separator, run: async () => undefined }
    return [...report.lines.map((line) => toChoice(line, open)), separator, ...actions, document]
  }

  async #open(report: Report): Promise<void> {
    const uri = Uri.from({ scheme: reportScheme, path: `/${report.path}.md` })
    this.#texts.set(uri.toString(), toMarkdown(report))
    this.#changed.fire(uri)
    await window.showTextDocument(uri, { preview: true })
  }
}

interface Choice extends QuickPickItem {
  run(): Promise<unknown>
}

const icons: Record<Mark, ThemeIcon> = {
  good: new ThemeIcon('pass-filled', new ThemeColor('testing.iconPassed')),
  bad: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  differs: new ThemeIcon('diff', new ThemeColor('list.warningForeground')),
  warning: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
  absent: new ThemeIcon('circle-outline'),
}

/** The icon is not read out: the words say the same. */
export function sayMark(mark: Mark): string {
  return {
    good: l10n.t('ok'),
    bad: l10n.t('FAILED'),
    differs: l10n.t('differs'),
    warning: l10n.t('warning'),
    absent: l10n.t('nothing'),
  }[mark]
}

function toChoice({ mark, what, found, meaning, cid }: ReportLine, open: () => Promise<void>): Choice {
  return {
    label: `${what}: ${sayMark(mark)}`,
    description: withoutIcons(found),
    detail: withoutIcons(meaning),
    iconPath: icons[mark],
    run: cid === undefined ? open : async () => commands.executeCommand('wasmate.openCid', cid),
  }
}

export function toMarkdown({ title, outcome, lines }: Report): string {
  const rows = lines.map(({ mark, what, found, meaning, cid }) => {
    const link = cid === undefined ? '' : `\n  - \`ipfs:/${cid}\``
    return `- **${inMarkdown(what)}: ${sayMark(mark)}** ${inMarkdown(found)}\n  - ${inMarkdown(meaning)}${link}`
  })
  return `# ${inMarkdown(title)}\n\n${inMarkdown(outcome)}\n\n${rows.join('\n')}\n`
}
