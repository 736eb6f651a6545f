// Functions: those of the workspace and how far each has come; while no emulator runs, or none may, what is on disk.

import { basename } from 'node:path'
import { RelativePattern, workspace } from 'vscode'
import type { EmulatorLink } from '../emulator/link.ts'
import type { Emulators } from '../emulators.ts'
import { listOnDisk } from '../on-disk.ts'
import { FunctionNode, StoppedFunctionNode } from './function-node.ts'
import { errorIcon, failureNode, group } from './leaf.ts'
import type { Node } from './node.ts'
import { View } from './view.ts'

export class FunctionsView extends View {
  readonly #watched = new Set<string>()

  constructor(emulators: Emulators) {
    super(emulators, (kind) => kind !== 'registry')
  }

  protected override async roots(link: EmulatorLink): Promise<Node[]> {
    this.#watch(link)
    const { client } = link
    return client ? listRunning(client) : listStopped(link)
  }

  /** An edit in a function's folder changes how far it has come, whoever made it. */
  #watch({ folder }: EmulatorLink): void {
    const key = folder.uri.toString()
    if (this.#watched.has(key)) return
    this.#watched.add(key)
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, '{*,*/*}'))
    const isOurs = (path: string): boolean => !path.slice(folder.uri.path.length).includes('/.')
    const look = ({ path }: { path: string }): void => {
      if (isOurs(path)) this.refresh()
    }
    this.keep(watcher, watcher.onDidChange(look), watcher.onDidCreate(look), watcher.onDidDelete(look))
  }
}

async function listRunning(client: NonNullable<EmulatorLink['client']>): Promise<Node[]> {
  const found = await client.stream('overview', {}, {})
  return found.map((each) => new FunctionNode(each))
}

async function listStopped({ folder, state }: EmulatorLink): Promise<Node[]> {
  const { sources, broken } = await listOnDisk(folder)
  return [
    ...broken.map(([path, error]) => group({ label: basename(path), icon: errorIcon }, [failureNode(error)])),
    ...sources.map((source) => new StoppedFunctionNode(source, state)),
  ]
}
