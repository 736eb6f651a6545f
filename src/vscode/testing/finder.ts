// Finds every wasmate.test.json of the window and shows its cases as items, each where it stands in the file.

import { basename, dirname } from 'node:path/posix'
import { Disposable, Range, type TestController, type Uri, workspace } from 'vscode'
import type { Span } from '../../flows/cases/locate.ts'
import { sayFailure } from '../failure.ts'

const fileName = 'wasmate.test.json'
const left = '**/{node_modules,dist,.wasmate,.git}/**'

export function isCaseFile({ path }: Uri): boolean {
  return basename(path) === fileName && !/\/(?:node_modules|dist|\.wasmate|\.git)\//.test(path)
}

export class Finder implements Disposable {
  readonly #controller: TestController
  #watching: Disposable | undefined
  #finding: Promise<void> | undefined
  #isDisposed = false

  constructor(controller: TestController) {
    this.#controller = controller
  }

  /** Once; from then on they are watched. */
  find(): Promise<void> {
    this.#watching ??= this.#watch()
    this.#finding ??= this.findAgain()
    return this.#finding
  }

  async findAgain(): Promise<void> {
    const found = await workspace.findFiles(`**/${fileName}`, left)
    const ids = new Set(found.map((uri) => uri.toString()))
    for (const [id] of this.#controller.items) if (!ids.has(id)) this.#controller.items.delete(id)
    await Promise.all(found.map((uri) => this.#show(uri)))
  }

  dispose(): void {
    this.#isDisposed = true
    this.#watching?.dispose()
  }

  #watch(): Disposable {
    const watcher = workspace.createFileSystemWatcher(`**/${fileName}`, false, false, true)
    const anything = workspace.createFileSystemWatcher('**', true, true, false)
    const show = (uri: Uri): void => {
      if (isCaseFile(uri)) void this.#show(uri)
    }
    return Disposable.from(
      watcher,
      watcher.onDidCreate(show),
      watcher.onDidChange(show),
      // Of a folder that is deleted the folder alone is told.
      anything,
      anything.onDidDelete((uri) => this.#forget(uri)),
      workspace.onDidChangeWorkspaceFolders(() => void this.findAgain()),
    )
  }

  #forget(gone: Uri): void {
    for (const [id, { uri }] of this.#controller.items) {
      if (uri?.path === gone.path || uri?.path.startsWith(`${gone.path}/`)) this.#controller.items.delete(id)
    }
  }

  async #show(uri: Uri): Promise<void> {
    const { parseCases } = await import('../../flows/cases/file.ts')
    const { locateCases } = await import('../../flows/cases/locate.ts')
    const id = uri.toString()
    const label = basename(dirname(uri.path))
    const bytes = await Promise.resolve(workspace.fs.readFile(uri)).catch(() => undefined)
    if (this.#isDisposed) return
    // Gone again since it was found.
    if (!bytes) return this.#controller.items.delete(id)
    const item = this.#controller.items.get(id) ?? this.#controller.createTestItem(id, label, uri)
    this.#controller.items.add(item)
    try {
      const text = new TextDecoder().decode(bytes)
      const spans = locateCases(text)
      const cases = parseCases(text, uri.fsPath).map(({ name }, index) => {
        const each = this.#controller.createTestItem(name, name, uri)
        each.range = toRange(spans[index])
        // In the order of the file.
        each.sortText = String(index).padStart(6, '0')
        return each
      })
      item.error = undefined
      item.children.replace(cases)
    } catch (error) {
      item.error = sayFailure(error)
      item.children.replace([])
    }
  }
}

function toRange(span: Span | undefined): Range | undefined {
  return span && new Range(span.start.line, span.start.character, span.end.line, span.end.character)
}
