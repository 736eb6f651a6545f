// Which function a command is for: the one it was given, else one that a person picks.

import { ThemeIcon, Uri, l10n, window, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import { unlessGivenUp } from '../commands/command.ts'
import { withoutIcons } from '../commands/words.ts'
import type { SourceFunction, SourceFunctions } from './functions.ts'

/** Called with a line of a view, a code lens, a URI of the Explorer, a name, or nothing. */
export interface Asked {
  name?: string
  path?: string
  export?: string
  input?: unknown
  /** Of whose emulator it was told. */
  folder?: Uri
  /** A line of a registry: what is registered there is meant, and not what is here. */
  network?: string
}

export function readAsked(value: unknown): Asked {
  if (typeof value === 'string') return { name: value }
  if (value instanceof Uri) return { path: value.fsPath }
  if (typeof value !== 'object' || value === null) return {}
  const given = value as Record<string, unknown>
  const texts = (['name', 'path', 'export', 'network'] as const).flatMap((key) => {
    const text = given[key]
    return typeof text === 'string' && text !== '' ? [[key, text]] : []
  })
  return {
    ...(Object.fromEntries(texts) as Asked),
    ...('input' in given && { input: given['input'] }),
    ...(given['folder'] instanceof Uri && { folder: given['folder'] }),
  }
}

/** Throws WORKSPACE_UNTRUSTED, FOLDER_MISSING, SOURCE_NOT_FOUND, CANCELLED. */
export async function findFunction(
  functions: SourceFunctions,
  asked: Asked,
  title: string,
): Promise<SourceFunction> {
  const found = await findIfHere(functions, asked)
  if (found) return found
  const { name, path } = asked
  if (name !== undefined || path !== undefined) throw new WasmateError('SOURCE_NOT_FOUND', path ?? name)
  return chooseFunction(functions, title)
}

/** `undefined` when nothing was given, or nothing of that is in this workspace. Throws WORKSPACE_UNTRUSTED. */
export async function findIfHere(
  functions: SourceFunctions,
  { name, path, folder }: Asked,
): Promise<SourceFunction | undefined> {
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
  if (name === undefined && path === undefined) return undefined
  const among = (all: SourceFunction[]): SourceFunction | undefined =>
    path === undefined
      ? all.find((each) => each.name === name && (!folder || isOf(each, folder)))
      : (all.find((each) => each.path === path) ?? functions.of(Uri.file(path)))
  return among(await functions.list()) ?? among(await functions.reread())
}

function isOf({ link }: SourceFunction, folder: Uri): boolean {
  return link.folder.uri.toString() === folder.toString()
}

/** What a window without any says. */
export function noFunction(): WasmateError {
  const isEmpty = (workspace.workspaceFolders ?? []).length === 0
  return isEmpty
    ? new WasmateError('FOLDER_MISSING')
    : new WasmateError('SOURCE_NOT_FOUND', l10n.t('this workspace has none yet'))
}

/** The one that is being edited comes first; of one alone nothing is asked. */
export async function chooseFunction(functions: SourceFunctions, title: string): Promise<SourceFunction> {
  const all = await functions.list()
  const edited = window.activeTextEditor && functions.of(window.activeTextEditor.document.uri)
  const ordered = [...(edited ? [edited] : []), ...all.filter((each) => each !== edited)]
  const [only] = ordered
  if (!only) throw noFunction()
  if (ordered.length === 1) return only
  const items = ordered.map((each) => ({
    label: withoutIcons(each.name),
    description: workspace.asRelativePath(each.path),
    iconPath: new ThemeIcon('symbol-function'),
    found: each,
  }))
  const placeHolder = l10n.t('Which function?')
  return unlessGivenUp(await window.showQuickPick(items, { title, placeHolder })).found
}
