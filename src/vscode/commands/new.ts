// New Function: a language, a name, and a folder that compiles, opened where the first change is made.

import { join } from 'node:path'
import { type ExtensionContext, ThemeIcon, Uri, commands, l10n, window, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import { compiledLanguages, templates } from '../../build/toolchain.ts'
import { validateName } from '../../name.ts'
import type { Source } from '../../model.ts'
import { sayFailure } from '../failure.ts'
import { keepPending, openAtFirstChange } from '../pending.ts'
import type { Given } from './given.ts'
import { type Desk, type Run, unlessGivenUp } from './command.ts'
import { readConfig } from '../settings.ts'

type Language = (typeof compiledLanguages)[number]

interface Beginning {
  language: string
  template: string
}

export function newFunctionCommand({ context }: Desk): Run {
  return async (given) => {
    const parent = given.folder ?? (await chooseFolder())
    if (workspace.getWorkspaceFolder(Uri.file(parent)) && !workspace.isTrusted) {
      throw new WasmateError('WORKSPACE_UNTRUSTED')
    }
    const beginning = given.language === undefined ? await askForBeginning() : begin(given)
    const name = given.name ?? (await askForName(parent))
    const made = await make(context, { parent, name, ...beginning })
    await open(context, parent, made)
    return { name: made.name, folder: made.folder, entry: made.entry }
  }
}

async function chooseFolder(): Promise<string> {
  const local = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file')
  const [first, ...others] = local
  if (first && others.length === 0) return first.uri.fsPath
  if (first) {
    const placeHolder = l10n.t('In which folder?')
    return unlessGivenUp(await window.showWorkspaceFolderPick({ placeHolder })).uri.fsPath
  }
  const picked = await window.showOpenDialog({
    title: l10n.t('A Folder for Your Functions'),
    openLabel: l10n.t('Choose'),
    canSelectFiles: false,
    canSelectFolders: true,
  })
  return unlessGivenUp(picked?.[0]).fsPath
}

function begin({ language = 'assemblyscript', template = 'hello' }: Given): Beginning {
  return { language, template }
}

/** Language and template in one question. */
async function askForBeginning(): Promise<Beginning> {
  const does = { hello: l10n.t('greets'), counter: l10n.t('keeps a number between its calls') }
  const items = templates.flatMap((template) =>
    compiledLanguages.map((language) => {
      return { language, template, description: does[template], ...describe(language) }
    }),
  )
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('New Function'),
    placeHolder: l10n.t('In which language, and from which template?'),
    matchOnDescription: true,
    matchOnDetail: true,
  })
  return unlessGivenUp(chosen)
}

/** A name, the same in every language. */
const assemblyScript = 'AssemblyScript'

function describe(language: Language): { label: string; detail: string; iconPath: ThemeIcon } {
  const iconPath = new ThemeIcon('file-code')
  return {
    assemblyscript: {
      label: assemblyScript,
      detail: l10n.t('TypeScript that compiles to WebAssembly. Its compiler is built in.'),
      iconPath,
    },
    c: { label: 'C', detail: l10n.t('Needs clang with the wasm32 target on this machine.'), iconPath },
  }[language]
}

async function askForName(parent: string): Promise<string> {
  const typed = await window.showInputBox({
    title: l10n.t('New Function'),
    prompt: l10n.t('People call it by this name; its folder has it too.'),
    placeHolder: 'hello',
    ignoreFocusOut: true,
    validateInput: (text) => findFault(parent, text),
  })
  return unlessGivenUp(typed)
}

async function findFault(parent: string, name: string): Promise<string | undefined> {
  if (name === '') return undefined
  try {
    validateName(name)
  } catch (error) {
    return sayFailure(error)
  }
  const isThere = await workspace.fs.stat(Uri.file(join(parent, name))).then(
    () => true,
    () => false,
  )
  return isThere ? sayFailure(new WasmateError('FOLDER_EXISTS', name)) : undefined
}

async function make(
  { extensionPath }: ExtensionContext,
  { parent, name, language, template }: { parent: string; name: string } & Beginning,
): Promise<Source> {
  const [{ createFunction }, config] = await Promise.all([
    import('../../build/new.ts'),
    readConfig(workspace.getWorkspaceFolder(Uri.file(parent))),
  ])
  const mediaFolder = join(extensionPath, 'media')
  return createFunction({ parent, name, language, template, mediaFolder, limits: config.runner })
}

async function open(context: ExtensionContext, parent: string, { entry }: Source): Promise<void> {
  if (workspace.getWorkspaceFolder(Uri.file(entry))) return openAtFirstChange(Uri.file(entry))
  await keepPending(context, { parent, entry })
  await commands.executeCommand('vscode.openFolder', Uri.file(parent), { forceReuseWindow: true })
}
