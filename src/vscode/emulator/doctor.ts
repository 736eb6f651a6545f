// What the doctor of the command line says of this machine, as a document for reading.

import {
  type Disposable,
  EventEmitter,
  type TextDocumentContentProvider,
  Uri,
  l10n,
  window,
  workspace,
} from 'vscode'
import { asNode, startChild } from '../../base/child-process.ts'
import { WasmateError } from '../../base/errors.ts'
import { doctorScheme } from '../ids.ts'
import { runVisibly } from '../progress.ts'

export class Doctor implements TextDocumentContentProvider, Disposable {
  readonly #entry: string
  readonly #findings = new Map<string, string>()
  readonly #changed = new EventEmitter<Uri>()
  readonly #registered: Disposable
  readonly onDidChange = this.#changed.event

  /** `entry` is the file of the command line. */
  constructor(entry: string) {
    this.#entry = entry
    this.#registered = workspace.registerTextDocumentContentProvider(doctorScheme, this)
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#findings.get(uri.path) ?? l10n.t('Run the doctor again: what it found is not kept.')
  }

  /** Of a folder and its settings; throws WORKSPACE_UNTRUSTED, since they name programs that are run. */
  async examine(folder: string, settings: string[]): Promise<void> {
    if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
    const title = l10n.t('Examining this machine')
    const uri = Uri.from({ scheme: doctorScheme, path: `/Wasmate Doctor.txt` })
    this.#findings.set(uri.path, await runVisibly(title, (signal) => this.#ask(folder, settings, signal)))
    this.#changed.fire(uri)
    await window.showTextDocument(uri, { preview: true })
  }

  dispose(): void {
    this.#registered.dispose()
    this.#changed.dispose()
  }

  async #ask(folder: string, settings: string[], signal: AbortSignal): Promise<string> {
    const lines: string[] = []
    const assignments = settings.flatMap((setting) => ['--set', setting])
    const child = await startChild({
      command: process.execPath,
      args: [this.#entry, '--dir', folder, ...assignments, 'doctor'],
      env: asNode,
      onLine: (line) => lines.push(line),
    })
    const stop = (): void => void child.kill()
    signal.addEventListener('abort', stop)
    await child.exited
    signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
    return `${lines.join('\n')}\n`
  }
}
