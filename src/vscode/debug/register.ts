// What the extension adds to VS Code's debugger: its type, where configurations come from, and the command that starts one.

import { pathToFileURL } from 'node:url'
import {
  DebugConfigurationProviderTriggerKind,
  Disposable,
  type ExtensionContext,
  Uri,
  commands,
  debug,
  window,
  workspace,
} from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import { Hosts } from '../../debug/host/hosts.ts'
import { isWhole } from '../../trace/kept-bytes.ts'
import type { InvocationRecord } from '../../trace/record.ts'
import { registerCommand } from '../telling.ts'
import { commands as ids, contextKeys, debugType } from '../ids.ts'
import { isInput } from '../source/input.ts'
import { readAsked } from '../source/target.ts'
import { Adapters } from './adapter.ts'
import { DebuggedCases } from './cases.ts'
import { watchSources } from './changed.ts'
import { EarlyBuilds } from './early.ts'
import { registerHostView } from './host-view.ts'
import {
  Configurations,
  type ConfigurationParts,
  type WasmateConfiguration,
  configure,
  configureReceipt,
} from './configuration.ts'

export interface DebugParts extends Omit<ConfigurationParts, 'builds' | 'hosts'> {
  context: ExtensionContext
}

/** What others of the editor start sessions by. */
export interface Debugging extends Disposable {
  cases: DebuggedCases
}

export function registerDebug(given: DebugParts): Debugging {
  const module = (name: string): URL => pathToFileURL(given.context.asAbsolutePath(`dist/${name}.mjs`))
  const hosts = new Hosts({ host: module('debug-host'), debuggee: module('debuggee') })
  const builds = new EarlyBuilds(given.functions, hosts)
  const parts = { ...given, builds, hosts }
  const configurations = new Configurations(parts)
  const cases = new DebuggedCases(configurations)
  const { Dynamic, Initial } = DebugConfigurationProviderTriggerKind
  const registered = Disposable.from(
    builds,
    debug.registerDebugConfigurationProvider(debugType, configurations, Initial),
    debug.registerDebugConfigurationProvider(debugType, configurations, Dynamic),
    debug.registerDebugAdapterDescriptorFactory(debugType, new Adapters({ ...parts, configurations, cases })),
    registerCommand(ids.debug, (given) => start(configurations, given)),
    followEditor(parts),
    watchSources(parts.functions),
    registerHostView(),
  )
  return { cases, dispose: () => void registered.dispose() }
}

/** A code lens, a line of a view, a record of a call, a folder, or nothing: the source that is edited. */
async function start(configurations: Configurations, given: unknown): Promise<boolean> {
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
  const record = recordOf(given)
  if (record?.receipt !== undefined) return startRecorded(configurations, record, record.receipt)
  const asked = record
    ? { name: record.target, ...(record.export !== undefined && { export: record.export }) }
    : readAsked(given)
  const named = asked.path ?? asked.name
  if (named === undefined) {
    const ofEditor = await configurations.resolveDebugConfiguration(undefined, {
      type: '',
      request: '',
      name: '',
    })
    return ofEditor !== undefined && debug.startDebugging(workspace.workspaceFolders?.[0], ofEditor)
  }
  const found = await configurations.find(undefined, named)
  const configuration = configure(found, asked.export ?? found.defaultExport)
  return debug.startDebugging(found.link.folder, { ...configuration, ...inputFor(record, asked.input) })
}

/** The same call, answered by its receipt; anew with its input where the receipt has not all of it. */
async function startRecorded(
  configurations: Configurations,
  record: InvocationRecord & { folder?: string },
  receipt: string,
): Promise<boolean> {
  const folder =
    record.folder === undefined ? undefined : workspace.getWorkspaceFolder(Uri.parse(record.folder))
  const found = await configurations.named(record.target, folder)
  const input = isWhole(record.input) ? inputFor(record, undefined) : {}
  const configuration = found ? configure(found, record.export) : configureReceipt(record.target)
  return debug.startDebugging(folder ?? found?.link.folder, { ...configuration, ...input, receipt })
}

function inputFor(record: InvocationRecord | undefined, given: unknown): Partial<WasmateConfiguration> {
  if (record) {
    if (!isWhole(record.input)) throw new WasmateError('INPUT_INVALID', `${record.input.size}`)
    return { inputHex: Buffer.from(record.input.base64, 'base64').toString('hex') }
  }
  if (!isInput(given)) return {}
  const { kind, value } = given
  return kind === 'hex' ? { inputHex: value } : kind === 'file' ? { inputFile: value } : { input: value }
}

function recordOf(given: unknown): InvocationRecord | undefined {
  const value = typeof given === 'object' && given !== null && 'record' in given ? given.record : given
  const isRecord = typeof value === 'object' && value !== null && 'target' in value && 'input' in value
  return isRecord ? (value as InvocationRecord) : undefined
}

/** F5 is ours in a function's source, as long as nobody has written a configuration. */
function followEditor({ functions }: DebugParts): Disposable {
  const look = async (): Promise<void> => {
    const editor = window.activeTextEditor
    const written = workspace
      .getConfiguration('launch', editor?.document.uri)
      .get<unknown[]>('configurations', [])
    const isOurs =
      editor !== undefined &&
      workspace.isTrusted &&
      written.length === 0 &&
      (await functions.find(editor.document.uri).catch(() => undefined)) !== undefined
    await commands.executeCommand('setContext', contextKeys.debugsEditor, isOurs)
  }
  const onChange = (): void => void look()
  onChange()
  return Disposable.from(
    window.onDidChangeActiveTextEditor(onChange),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('launch') && onChange()),
    functions.onDidChange(onChange),
  )
}
