// A view of the sidebar: what it holds of each folder of the window, and when it is read again.

import {
  type Disposable,
  type Event,
  EventEmitter,
  type ProviderResult,
  type TreeDataProvider,
  type TreeItem,
  ThemeIcon,
  TreeItemCollapsibleState,
  type Uri,
  workspace,
} from 'vscode'
import type { EmulatorLink, LinkChange } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { failureNode } from './leaf.ts'
import type { Node } from './node.ts'

/** What changed makes a view ask again, at most this often; a long one is asked less often, for it costs more. */
const settleMs = 50
const settlePerNodeMs = 0.5

/** One view: the same for each folder of the window, below the folder's name when there are several. */
export abstract class View implements TreeDataProvider<Node>, Disposable {
  readonly #emulators: Emulators
  readonly #changed = new EventEmitter<Node | undefined>()
  readonly #wasRead = new EventEmitter<void>()
  readonly #disposables: Disposable[] = [this.#changed, this.#wasRead]
  #heard: readonly EmulatorLink[] = []
  #count = 0
  #timer: NodeJS.Timeout | undefined
  readonly onDidChangeTreeData: Event<Node | undefined> = this.#changed.event

  /** Asks again when something has changed that it shows. */
  constructor(emulators: Emulators, shows: (kind: LinkChange) => boolean) {
    this.#emulators = emulators
    this.#hear(shows)
    this.keep(
      emulators.onDidChange(() => {
        if (this.#hear(shows)) this.refresh()
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.refresh()),
    )
  }

  /** What the view holds of one folder. Throws WasmateError. */
  protected abstract roots(link: EmulatorLink): Promise<Node[]>

  dispose(): void {
    clearTimeout(this.#timer)
    for (const each of this.#disposables.splice(0)) each.dispose()
  }

  /** When the editor has what it asks for next: it registers the lines right after it was given them. */
  read(): Promise<void> {
    return new Promise((resolve) => {
      const listening = this.#wasRead.event(() => {
        listening.dispose()
        setImmediate(resolve)
      })
    })
  }

  /** Many changes that come at once are shown at once. */
  refresh(afterMs = Math.max(settleMs, this.#count * settlePerNodeMs)): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#changed.fire(undefined)
    }, afterMs)
  }

  /** What a person asks for does not wait. */
  refreshNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.refresh(0)
  }

  getTreeItem(node: Node): TreeItem {
    const item = node.toItem()
    // The same line may stand below several folders.
    const isAlone = this.links.length < 2 || node instanceof FolderNode
    return isAlone || item.id === undefined ? item : { ...item, id: `${node.folder?.toString()} ${item.id}` }
  }

  getChildren(node?: Node): ProviderResult<Node[]> {
    return node ? this.#below(node) : this.#all()
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    item.tooltip ??= node.tooltip?.()
    return item
  }

  protected get links(): readonly EmulatorLink[] {
    return this.#emulators.all
  }

  protected keep(...disposables: Disposable[]): void {
    this.#disposables.push(...disposables)
  }

  /** Whether there are other folders than before. */
  #hear(shows: (kind: LinkChange) => boolean): boolean {
    const before = this.#heard
    this.#heard = this.links
    const added = this.links.filter((link) => !before.includes(link))
    for (const link of added) {
      const take = (kind: LinkChange): void => {
        if (shows(kind)) this.refresh()
      }
      this.keep(link.onDidChange(take))
    }
    return added.length > 0 || before.length !== this.links.length
  }

  async #below(node: Node): Promise<Node[]> {
    return within(node.folder, await orFailure(node.children?.() ?? Promise.resolve([])))
  }

  async #all(): Promise<Node[]> {
    const nodes = await this.#ofFolders()
    this.#count = nodes.length
    setImmediate(() => this.#wasRead.fire())
    return nodes
  }

  async #ofFolders(): Promise<Node[]> {
    const [only, ...others] = this.links
    if (!only) return []
    if (others.length === 0) return within(only.folder.uri, await orFailure(this.roots(only)))
    const found = await Promise.all(this.links.map((link) => orFailure(this.roots(link))))
    // Nothing anywhere: the view says what to do, and not which folders there are.
    if (found.every((nodes) => nodes.length === 0)) return []
    return this.links.map((link, index) => new FolderNode(link, found[index] ?? []))
  }
}

class FolderNode implements Node {
  readonly folder: Uri
  readonly #name: string
  readonly #nodes: Node[]

  constructor({ folder: { uri, name } }: EmulatorLink, nodes: Node[]) {
    this.folder = uri
    this.#name = name
    this.#nodes = nodes
  }

  toItem(): TreeItem {
    const collapsibleState = TreeItemCollapsibleState.Expanded
    const iconPath = new ThemeIcon('root-folder')
    const id = this.folder.toString()
    return { id, label: this.#name, collapsibleState, contextValue: 'folder', iconPath }
  }

  async children(): Promise<Node[]> {
    return this.#nodes
  }
}

function within(folder: Uri | undefined, nodes: Node[]): Node[] {
  if (folder) for (const node of nodes) node.folder ??= folder
  return nodes
}

async function orFailure(work: Promise<Node[]>): Promise<Node[]> {
  try {
    return await work
  } catch (error) {
    return [failureNode(error)]
  }
}
