// Functions for tests in the editor, and what the editor shows of them.

import assert from 'node:assert/strict'
import {
  type CodeLens,
  type Diagnostic,
  type InlayHint,
  type TextDocument,
  ConfigurationTarget,
  Position,
  Range,
  Uri,
  WorkspaceEdit,
  commands,
  extensions,
  languages,
  workspace,
} from 'vscode'
import type { InvocationRecord } from '../../src/trace/record.ts'
import { fs } from './editor.ts'

const [folder] = workspace.workspaceFolders ?? []
export const place = (...path: string[]): Uri => Uri.joinPath(folder?.uri ?? Uri.file('/'), ...path)

export const echo = `import { Host } from '@extism/as-pdk'
// export function never(): i32 { return 0 }
const greeting = 'as it was'

export function echo(): i32 {
  Host.output(Host.input())
  return 0
}
export function greet(): i32 {
  Host.outputString(greeting)
  return 0
}
export function withParameters(a: i32): i32 {
  return a
}
`
export const inC = `#include <extism-pdk.h>
/* EXTISM_EXPORT(never) int32_t never(void); */
EXTISM_EXPORT(first) int32_t first(void) {
  extism_output("in C", 4);
  return 0;
}
__attribute__((export_name("second")))
int32_t by_attribute(void) { return 0; }
`

export const [echoSource, cSource, echoManifest] = [
  place('echoes', 'index.ts'),
  place('in-c', 'main.c'),
  place('echoes', 'wasmate.json'),
]
export const echoes = { name: 'echoes', path: place('echoes').fsPath }

export const write = (uri: Uri, text: string): Thenable<void> => fs.writeFile(uri, Buffer.from(text))
export const textOf = ({ output }: InvocationRecord): string =>
  Buffer.from(output?.base64 ?? '', 'base64').toString()

export function invoke(command: string, given: unknown): Thenable<InvocationRecord> {
  return commands.executeCommand<InvocationRecord>(`wasmate.${command}`, given)
}

export async function lensesOf(uri: Uri): Promise<string[]> {
  const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri)
  return lenses.map(({ range, command }) => `${range.start.line + 1} ${command?.title}`)
}

export async function hintsOf(document: TextDocument): Promise<InlayHint[]> {
  const all = new Range(new Position(0, 0), document.lineAt(document.lineCount - 1).range.end)
  return commands.executeCommand<InlayHint[]>('vscode.executeInlayHintProvider', document.uri, all)
}

/** As a person types and saves. */
export async function replace(document: TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from)
  assert.ok(at >= 0, `${from} is not in ${document.getText()}`)
  const edit = new WorkspaceEdit()
  edit.replace(document.uri, new Range(document.positionAt(at), document.positionAt(at + from.length)), to)
  assert.ok(await workspace.applyEdit(edit))
  assert.ok(await document.save())
}

export const setMode = (mode: string | undefined): Thenable<void> =>
  workspace.getConfiguration('wasmate').update('editor.saveAndRun', mode, ConfigurationTarget.Global)

export const problemsOf = (uri: Uri): Diagnostic[] =>
  languages.getDiagnostics(uri).filter(({ source }) => source === 'Wasmate')

/** Two functions in the folder, one of them in C. */
export async function makeFunctions(): Promise<void> {
  await setMode('off')
  await write(echoSource, echo)
  await write(echoManifest, '{\n  "language": "assemblyscript"\n}\n')
  await write(cSource, inC)
  await write(place('in-c', 'wasmate.json'), '{ "exports": ["first"] }')
  await extensions.getExtension('wasmate.wasmate')?.activate()
}

export async function removeFunctions(): Promise<void> {
  await commands.executeCommand('workbench.action.closeAllEditors')
  await setMode(undefined)
  for (const name of ['echoes', 'in-c']) await fs.delete(place(name), { recursive: true })
}
