// The functions of this window as an editor needs them: which one a file belongs to, what it exports, what is wrong
// with it. From the emulators that run; from the folders themselves where none does.

import { basename, sep } from 'node:path'
import { Disposable, type Event, EventEmitter, type Uri, workspace } from 'vscode'
import { toProblem } from '../../base/errors.ts'
import type { FunctionOverview } from '../../flows/overview.ts'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { listOnDisk } from '../on-disk.ts'
import { soon, watchSources } from '../watching.ts'

type Facts = 'name' | 'path' | 'entry' | 'language' | 'exports' | 'defaultExport' | 'local' | 'problem'

export interface SourceFunction extends Pick<FunctionOverview, Facts> {
  link: EmulatorLink
  standing?: FunctionOverview['standing']
}

interface Known {
  functions: SourceFunction[]
  reading: Promise<void> | undefined
  /** Something has changed since the reading began. */
  isStale: boolean
}

export class SourceFunctions implements Disposable {
  readonly #emulators: Emulators
  readonly #known = new Map<EmulatorLink, Known>()
  readonly #changed = new EventEmitter<void>()
  readonly onDidChange: Event<void> = this.#changed.event
  readonly #disposables: Disposable[] = []
  readonly #listening = new Map<EmulatorLink, Disposable>()
  #hasBegun = false

  constructor(emulators: Emulators) {
    this.#emulators = emulators
    this.#disposables.push(
      this.#changed,
      soon(() => this.#begin()),
    )
  }

  dispose(): void {
    for (const each of [...this.#disposables, ...this.#listening.values()]) each.dispose()
  }

  /** Those that are known by now. */
  get all(): SourceFunction[] {
    return [...this.#known.values()].flatMap(({ functions }) => functions)
  }

  /** Once what is being read has been read. */
  async list(): Promise<SourceFunction[]> {
    this.#begin()
    await Promise.all([...this.#known.values()].map(async ({ reading }) => reading))
    return this.all
  }

  /** The function that the file is part of, as far as is known by now. */
  of(uri: Uri): SourceFunction | undefined {
    if (uri.scheme !== 'file') return undefined
    const around = this.all.filter(({ path }) => uri.fsPath === path || uri.fsPath.startsWith(path + sep))
    return around.sort((one, other) => other.path.length - one.path.length)[0]
  }

  /** Everything is read again: what has just been made is known then. */
  async reread(): Promise<SourceFunction[]> {
    for (const link of this.#known.keys()) this.#refresh(link)
    return this.list()
  }

  async find(uri: Uri): Promise<SourceFunction | undefined> {
    await this.list()
    return this.of(uri)
  }

  /** Soon after it is made, or when it is first asked. */
  #begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const manifests = workspace.createFileSystemWatcher('**/wasmate.json')
    const onFile = (uri: Uri): void => this.#refresh(this.#emulators.of(uri))
    this.#disposables.push(
      manifests,
      manifests.onDidChange(onFile),
      manifests.onDidCreate(onFile),
      manifests.onDidDelete(onFile),
      this.#emulators.onDidChange(() => this.#listen()),
      workspace.onDidGrantWorkspaceTrust(() => this.#listen()),
    )
    this.#listen()
  }

  #listen(): void {
    const links = new Set(this.#emulators.all)
    for (const [link, listening] of this.#listening) {
      if (links.has(link)) continue
      listening.dispose()
      this.#listening.delete(link)
      this.#known.delete(link)
    }
    for (const link of links) {
      if (!this.#listening.has(link)) {
        this.#listening.set(
          link,
          Disposable.from(
            link.onDidChange((what) => what !== 'status' && this.#refresh(link)),
            watchSources(link.folder, () => this.#refresh(link)),
          ),
        )
      }
      if (!this.#known.has(link)) this.#refresh(link)
    }
    this.#changed.fire()
  }

  /** One reading at a time; what changes meanwhile is read after it. */
  #refresh(link: EmulatorLink | undefined): void {
    if (!link || !workspace.isTrusted) return
    const known = this.#known.get(link) ?? { functions: [], reading: undefined, isStale: false }
    this.#known.set(link, known)
    known.isStale = true
    known.reading ??= this.#readUntilFresh(link, known).finally(() => (known.reading = undefined))
  }

  async #readUntilFresh(link: EmulatorLink, known: Known): Promise<void> {
    while (known.isStale) {
      known.isStale = false
      // One that has just ended is read again as soon as its link has noticed.
      known.functions = await readFunctions(link).catch(() => known.functions)
      this.#changed.fire()
    }
  }
}

async function readFunctions(link: EmulatorLink): Promise<SourceFunction[]> {
  if (link.client) {
    const functions = await link.client.stream('overview', {}, {})
    return functions.map((each) => ({ ...each, link }))
  }
  const { sources, broken } = await listOnDisk(link.folder)
  return [
    ...sources.map((source) => ({ ...source, exports: [], link })),
    ...broken.map(([folder, error]) => {
      const facts = { name: basename(folder), path: folder, entry: folder }
      return { ...facts, language: 'unknown', exports: [], problem: toProblem(error), link }
    }),
  ]
}
