// Asks a person what to call a function with: one of the inputs before, or a new one of some kind.

import { type QuickPickItem, QuickPickItemKind, ThemeIcon, l10n, window } from 'vscode'
import { unlessGivenUp } from '../commands/command.ts'
import { withoutIcons } from '../commands/words.ts'
import { type Input, type InputKind, checkInput } from './input.ts'

interface Choice extends QuickPickItem {
  choose(): Promise<Input>
}

/** Throws CANCELLED. */
export async function askForInput(title: string, before: Input[]): Promise<Input> {
  const kept = before.map((input): Choice => {
    const label = input.value === '' ? l10n.t('(empty)') : withoutIcons(input.value.replace(/\s+/g, ' '))
    return { label, description: sayKind(input.kind), iconPath: icons[input.kind], choose: async () => input }
  })
  const last = before[0]
  const made = (['text', 'json', 'hex', 'file'] as const).map((kind): Choice => {
    const choose = (): Promise<Input> => (kind === 'file' ? askForFile() : askForValue(title, kind, last))
    return { label: `${sayKind(kind)}...`, iconPath: icons[kind], alwaysShow: true, choose }
  })
  const separators = kept.length > 0 ? [separate(l10n.t('new')), separate(l10n.t('before'))] : []
  const [toNew, toBefore] = separators
  const items = [...(toBefore ? [toBefore] : []), ...kept, ...(toNew ? [toNew] : []), ...made]
  const placeHolder = l10n.t('What is it called with?')
  const chosen = await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true })
  return unlessGivenUp(chosen).choose()
}

const icons: Record<InputKind, ThemeIcon> = {
  text: new ThemeIcon('symbol-string'),
  json: new ThemeIcon('json'),
  hex: new ThemeIcon('file-binary'),
  file: new ThemeIcon('file'),
}

function sayKind(kind: InputKind): string {
  return { text: l10n.t('Text'), json: l10n.t('JSON'), hex: l10n.t('Hex'), file: l10n.t('File') }[kind]
}

function separate(label: string): Choice {
  return { label, kind: QuickPickItemKind.Separator, choose: async () => ({ kind: 'text', value: '' }) }
}

async function askForValue(title: string, kind: InputKind, last: Input | undefined): Promise<Input> {
  const value = await window.showInputBox({
    title,
    prompt: sayKind(kind),
    value: last?.kind === kind ? last.value : '',
    placeHolder: { text: '', json: '{"name": "Ada"}', hex: '00 ff 10', file: '' }[kind],
    ignoreFocusOut: true,
    validateInput: (text) => checkInput({ kind, value: text }),
  })
  return { kind, value: unlessGivenUp(value) }
}

async function askForFile(): Promise<Input> {
  const [uri] = unlessGivenUp(await window.showOpenDialog({ openLabel: l10n.t('Use as Input') }))
  return { kind: 'file', value: unlessGivenUp(uri).fsPath }
}
