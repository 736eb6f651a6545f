// What can be done with an export, above its line: Run, Run with..., Debug, Deploy.

import {
  CodeLens,
  type CodeLensProvider,
  type Command,
  Disposable,
  type DocumentSelector,
  EventEmitter,
  Range,
  type TextDocument,
  l10n,
  languages,
  workspace,
} from 'vscode'
import { commands as ids } from '../ids.ts'
import { type ExportPlace, findExports } from './exports.ts'
import type { SourceFunction, SourceFunctions } from './functions.ts'

/** Files that may be a function's source. */
export const sourceFiles: DocumentSelector = [{ scheme: 'file', pattern: '**/*.{ts,c}' }]

export function registerLenses(functions: SourceFunctions): Disposable {
  const provider = new ExportLenses(functions)
  return Disposable.from(provider, languages.registerCodeLensProvider(sourceFiles, provider))
}

class ExportLenses implements CodeLensProvider, Disposable {
  readonly #functions: SourceFunctions
  readonly #changed = new EventEmitter<void>()
  readonly onDidChangeCodeLenses = this.#changed.event
  readonly #listening: Disposable

  constructor(functions: SourceFunctions) {
    this.#functions = functions
    this.#listening = functions.onDidChange(() => this.#changed.fire())
  }

  dispose(): void {
    this.#listening.dispose()
    this.#changed.dispose()
  }

  async provideCodeLenses(document: TextDocument): Promise<CodeLens[]> {
    if (!workspace.isTrusted) return []
    const found = await this.#functions.find(document.uri)
    if (!found) return []
    return callableIn(document, found).flatMap(({ name, offset }) => {
      const at = document.positionAt(offset)
      return this.#actions(found, name).map((command) => new CodeLens(new Range(at, at), command))
    })
  }

  #actions({ name, path }: SourceFunction, exported: string): Command[] {
    const target = [{ name, path, export: exported }]
    return [
      { title: l10n.t('Run'), command: ids.invoke, arguments: target },
      { title: l10n.t('Run with...'), command: ids.runWith, arguments: target },
      { title: l10n.t('Debug'), command: ids.debug, arguments: target },
      { title: l10n.t('Deploy'), command: ids.deploy, arguments: [{ name, path }] },
    ]
  }
}

/** The exports of this text that can be called: as the last build says, or as the text does where it is newer. */
export function callableIn(document: TextDocument, found: SourceFunction): ExportPlace[] {
  const places = findExports(document.getText(), found.language)
  const isEntry = document.uri.fsPath === found.entry
  const isNewer = document.isDirty || !found.local || found.local.changedSince
  return places.filter(({ name, hasParameters }) => {
    if (found.exports.includes(name)) return !hasParameters
    // In other files than the entry only what was built is known to get out.
    return isEntry && isNewer && !hasParameters
  })
}
