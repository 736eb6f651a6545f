// What a debug configuration says, and what it is when nobody has written one: the export of the source that is edited.

import { isAbsolute, join } from 'node:path'
import {
  type DebugConfiguration,
  type DebugConfigurationProvider,
  type WorkspaceFolder,
  l10n,
  window,
  workspace,
} from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { Hosts } from '../../debug/host/hosts.ts'
import { tellFailure } from '../telling.ts'
import type { Emulators } from '../emulators.ts'
import type { EarlyBuilds } from './early.ts'
import { debugType } from '../ids.ts'
import { type Input, type RememberedInputs, noInput } from '../source/input.ts'
import { callableIn } from '../source/lenses.ts'
import type { SourceFunction, SourceFunctions } from '../source/functions.ts'
import { chooseFunction, findFunction } from '../source/target.ts'

export interface WasmateConfiguration extends DebugConfiguration {
  /** Name of a function, or its folder; `${file}` finds the one that the file belongs to. */
  function?: string
  /** Absent: the default one. */
  export?: string
  /** As text; one of these three at most. */
  input?: string
  inputHex?: string
  inputFile?: string
  /** Name of a case of the function's wasmate.test.json: its export, input and config are taken, and no vars. */
  case?: string
  /** CID of a receipt, or the number of an invocation: that call is replayed. */
  receipt?: string | number
  /** Stop where the call begins. */
  stopOnEntry?: boolean
}

export interface ConfigurationParts {
  builds: EarlyBuilds
  hosts: Hosts
  emulators: Emulators
  functions: SourceFunctions
  inputs: RememberedInputs
}

export class Configurations implements DebugConfigurationProvider {
  readonly #parts: ConfigurationParts

  constructor(parts: ConfigurationParts) {
    this.#parts = parts
  }

  /** For the list of configurations, and for a new launch.json. */
  async provideDebugConfigurations(folder: WorkspaceFolder | undefined): Promise<WasmateConfiguration[]> {
    if (!workspace.isTrusted) return []
    const functions = await this.#parts.functions.list()
    const own = functions.filter(
      ({ link }) => !folder || link.folder.uri.toString() === folder.uri.toString(),
    )
    return own.map((each) => configure(each, each.defaultExport))
  }

  /** One without a type is what F5 asks for where there is no launch.json. */
  async resolveDebugConfiguration(
    _folder: WorkspaceFolder | undefined,
    configuration: WasmateConfiguration,
  ): Promise<WasmateConfiguration | undefined> {
    try {
      if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
      if (configuration.type) return configuration
      return await this.#ofEditor()
    } catch (error) {
      void tellFailure(error)
      return undefined
    }
  }

  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: WorkspaceFolder | undefined,
    configuration: WasmateConfiguration,
  ): Promise<WasmateConfiguration | undefined> {
    try {
      // Of which function it is stands in the receipt.
      if (configuration.receipt !== undefined && configuration.function === undefined) return configuration
      const found = await this.find(folder, configuration.function)
      if (configuration.receipt === undefined) this.#parts.builds.begin(found)
      return { ...configure(found, found.defaultExport), ...configuration, function: found.path }
    } catch (error) {
      void tellFailure(error)
      return undefined
    }
  }

  /** By its name or a path; asks when nothing is said and there are several. Throws SOURCE_NOT_FOUND, CANCELLED. */
  async find(folder: WorkspaceFolder | undefined, named: string | undefined): Promise<SourceFunction> {
    const { functions } = this.#parts
    const title = l10n.t('Debug a Function')
    if (named === undefined) return (await this.#edited()) ?? chooseFunction(functions, title)
    if (isAbsolute(named)) return findFunction(functions, { path: named }, title)
    const byName = (await functions.list()).find(({ name }) => name === named)
    if (byName || !folder) return byName ?? findFunction(functions, { name: named }, title)
    return findFunction(functions, { path: join(folder.uri.fsPath, named) }, title)
  }

  /** The function of this name in the folder, if there is one. */
  async named(name: string, folder: WorkspaceFolder | undefined): Promise<SourceFunction | undefined> {
    const all = (await this.#parts.functions.list()).filter((each) => each.name === name)
    return all.find(({ link }) => link.folder.uri.toString() === folder?.uri.toString()) ?? all[0]
  }

  async #edited(): Promise<SourceFunction | undefined> {
    const editor = window.activeTextEditor
    return editor && this.#parts.functions.find(editor.document.uri)
  }

  async #ofEditor(): Promise<WasmateConfiguration> {
    const found =
      (await this.#edited()) ?? (await chooseFunction(this.#parts.functions, l10n.t('Debug a Function')))
    this.#parts.builds.begin(found)
    return configure(found, exportAtCursor(found) ?? found.defaultExport)
  }
}

export function configure({ name, path }: SourceFunction, exported?: string): WasmateConfiguration {
  return {
    ...{ type: debugType, request: 'launch', name: l10n.t('Debug {0}', name), function: path },
    ...(exported !== undefined && { export: exported }),
  }
}

/** A call of what has no source here. */
export function configureReceipt(name: string): WasmateConfiguration {
  return { type: debugType, request: 'launch', name: l10n.t('Debug {0}', name) }
}

/** The last one that begins at or before the cursor. */
function exportAtCursor(found: SourceFunction): string | undefined {
  const editor = window.activeTextEditor
  if (!editor) return undefined
  const at = editor.document.offsetAt(editor.selection.active)
  return callableIn(editor.document, found).findLast(({ offset }) => offset <= at)?.name
}

/** What the configuration gives; else what the export was called with last. */
export function inputOf(
  { input, inputHex, inputFile }: WasmateConfiguration,
  before: readonly Input[],
): Input {
  if (inputHex !== undefined) return { kind: 'hex', value: inputHex }
  if (inputFile !== undefined) return { kind: 'file', value: inputFile }
  if (input !== undefined) return { kind: 'text', value: input }
  return before[0] ?? noInput
}
