// The emulators of this window: a link for each local folder, and which of them is meant.

import {
  Disposable,
  type Event,
  EventEmitter,
  RelativePattern,
  type Uri,
  type WorkspaceFolder,
  l10n,
  window,
  workspace,
} from 'vscode'
import { WasmateError, toWasmateError } from '../base/errors.ts'
import { EmulatorLink } from './emulator/link.ts'
import { readAssignments } from './settings.ts'
import { soon } from './watching.ts'

export class Emulators implements Disposable {
  /** File of the command line. */
  readonly entry: string
  readonly #links = new Map<string, { link: EmulatorLink; around: Disposable[] }>()
  readonly #changed = new EventEmitter<EmulatorLink>()
  readonly #died = new EventEmitter<EmulatorLink>()
  readonly #watching: Disposable
  /** The state of a link, or what it is told of its emulator, or the set of links. */
  readonly onDidChange: Event<EmulatorLink> = this.#changed.event
  /** An emulator ended, and nobody had asked it to. */
  readonly onDidDie: Event<EmulatorLink> = this.#died.event

  /** Soon looks for emulators that run. */
  constructor(entry: string) {
    this.entry = entry
    this.#watching = Disposable.from(
      workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const folder of removed) this.#remove(folder)
        for (const folder of added) this.#add(folder)
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.all.forEach((link) => void link.look())),
    )
    for (const folder of workspace.workspaceFolders ?? []) this.#add(folder)
  }

  get all(): readonly EmulatorLink[] {
    return [...this.#links.values()].map(({ link }) => link)
  }

  /** Of the folder that holds it; else the only one there is. */
  of(uri: Uri | undefined): EmulatorLink | undefined {
    const folder = uri && workspace.getWorkspaceFolder(uri)
    const own = folder && this.#links.get(folder.uri.toString())?.link
    return own ?? (this.#links.size === 1 ? this.all[0] : undefined)
  }

  /** Of the file that is being edited, or the only one, or the one that a person chooses. */
  async choose(): Promise<EmulatorLink | undefined> {
    const near = this.of(window.activeTextEditor?.document.uri)
    if (near || this.#links.size === 0) return near
    const items = this.all.map((link) => ({
      label: link.folder.name,
      description: link.folder.uri.fsPath,
      link,
    }))
    const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('The emulator of which folder?') })
    return chosen?.link
  }

  /**
   * URLs of the gateways of those that run, in the order of the folders. Throws EMULATOR_NOT_RUNNING, or
   * FOLDER_MISSING where there can be none; a folder that is not trusted is not asked: what it holds must not lead anywhere.
   */
  async gateways(signal: AbortSignal): Promise<string[]> {
    if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
    const { attach } = await import('../client/control.ts')
    const { workspaceAt } = await import('../workspace.ts')
    const asked = await Promise.allSettled(
      this.all.map(async ({ folder }) => attach(workspaceAt(folder.uri.fsPath), signal)),
    )
    const running = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    if (running.length > 0) return running.map(({ state }) => state.urls.gateway)
    const failed = asked.find((answer) => answer.status === 'rejected')
    if (failed) throw toWasmateError(failed.reason)
    throw new WasmateError('FOLDER_MISSING')
  }

  dispose(): void {
    this.#watching.dispose()
    for (const { link, around } of this.#links.values()) {
      for (const each of around) each.dispose()
      link.dispose()
    }
    this.#links.clear()
    this.#changed.dispose()
    this.#died.dispose()
  }

  /** An emulator runs beside a folder of this machine: of another, as one in a CAR, there is none. */
  #add(folder: WorkspaceFolder): void {
    if (folder.uri.scheme !== 'file' || this.#links.has(folder.uri.toString())) return
    const link = new EmulatorLink({ folder, entry: this.entry, readSettings: readAssignments })
    const around: Disposable[] = [
      link.onDidChange(() => this.#changed.fire(link)),
      link.onDidDie(() => this.#died.fire(link)),
      soon(() => around.push(lookFor(link))),
    ]
    this.#links.set(folder.uri.toString(), { link, around })
    this.#changed.fire(link)
  }

  #remove(folder: WorkspaceFolder): void {
    const known = this.#links.get(folder.uri.toString())
    if (!known) return
    this.#links.delete(folder.uri.toString())
    for (const each of known.around) each.dispose()
    known.link.dispose()
    this.#changed.fire(known.link)
  }
}

/** Now, and whenever somebody has started one. */
function lookFor(link: EmulatorLink): Disposable {
  const watcher = workspace.createFileSystemWatcher(
    new RelativePattern(link.folder, '.wasmate/emulator.json'),
  )
  const look = (): void => void link.look()
  look()
  return Disposable.from(watcher, watcher.onDidCreate(look), watcher.onDidChange(look))
}
