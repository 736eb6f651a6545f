// Build, deploy and watch as tasks: each says what a compiler would say, for the problem matcher to read.

import {
  CustomExecution,
  type Disposable,
  EventEmitter,
  type Pseudoterminal,
  Task,
  type TaskDefinition,
  TaskGroup,
  type TaskProvider,
  TaskScope,
  type WorkspaceFolder,
  l10n,
  tasks,
  workspace,
} from 'vscode'
import { join } from 'node:path'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import { sayFailure } from '../failure.ts'
import { type SourceParts, saveAll, sayDeployed } from './commands.ts'
import type { SourceFunction } from './functions.ts'

export const taskType = 'wasmate'
/** Both are in package.json. */
export const problemMatchers = { once: '$wasmate', watch: '$wasmate-watch' }
/** The matcher goes by them, in whatever language the editor speaks. */
const [began, ended] = ['Wasmate: started', 'Wasmate: finished']

export const taskNames = ['build', 'buildAll', 'deploy', 'watch'] as const
type TaskName = (typeof taskNames)[number]

interface WasmateTask extends TaskDefinition {
  task: TaskName
  /** Name of the function, or its folder in the workspace; every one when it is absent. */
  function?: string
}

export function registerTasks(parts: SourceParts): Disposable {
  return tasks.registerTaskProvider(taskType, new WasmateTasks(parts))
}

class WasmateTasks implements TaskProvider {
  readonly #parts: SourceParts

  constructor(parts: SourceParts) {
    this.#parts = parts
  }

  /** For a folder that is not trusted there are none: each would run what is in it. */
  async provideTasks(): Promise<Task[]> {
    if (!workspace.isTrusted) return []
    const functions = await this.#parts.functions.list()
    const folders = [...new Set(functions.map(({ link }) => link.folder))]
    const ofAll = folders.flatMap((folder) =>
      (['buildAll', 'watch'] as const).map((task) => this.#make({ type: taskType, task }, folder)),
    )
    const ofEach = functions.flatMap(({ name, link: { folder } }) =>
      (['build', 'deploy'] as const).map((task) =>
        this.#make({ type: taskType, task, function: name }, folder),
      ),
    )
    return [...ofAll, ...ofEach]
  }

  /** One of tasks.json. */
  resolveTask({ definition, scope }: Task): Task | undefined {
    const { task } = definition as Partial<WasmateTask>
    if (task === undefined || !taskNames.includes(task)) return undefined
    const folder = typeof scope === 'object' ? scope : workspace.workspaceFolders?.[0]
    return this.#make(definition as WasmateTask, folder)
  }

  #make(definition: WasmateTask, folder: WorkspaceFolder | undefined): Task {
    const { task, function: only } = definition
    const name = only === undefined ? sayTask(task) : `${sayTask(task)} ${only}`
    const matcher = task === 'watch' ? problemMatchers.watch : problemMatchers.once
    const execution = new CustomExecution(async (resolved) => {
      return new TaskTerminal(this.#parts, resolved as WasmateTask, folder)
    })
    const made = new Task(definition, folder ?? TaskScope.Workspace, name, 'Wasmate', execution, matcher)
    made.isBackground = task === 'watch'
    if (task === 'build' || task === 'buildAll') made.group = TaskGroup.Build
    return made
  }
}

function sayTask(task: TaskName): string {
  return {
    build: l10n.t('build'),
    buildAll: l10n.t('build all'),
    deploy: l10n.t('deploy'),
    watch: l10n.t('watch'),
  }[task]
}

class TaskTerminal implements Pseudoterminal {
  readonly #parts: SourceParts
  readonly #definition: WasmateTask
  readonly #folder: WorkspaceFolder | undefined
  readonly #wrote = new EventEmitter<string>()
  readonly #closed = new EventEmitter<number>()
  readonly onDidWrite = this.#wrote.event
  readonly onDidClose = this.#closed.event
  readonly #stopper = new AbortController()
  #saves: Disposable | undefined

  constructor(parts: SourceParts, definition: WasmateTask, folder: WorkspaceFolder | undefined) {
    this.#parts = parts
    this.#definition = definition
    this.#folder = folder
  }

  open(): void {
    void this.#run().then((code) => code === undefined || this.#closed.fire(code))
  }

  close(): void {
    this.#stopper.abort()
    this.#saves?.dispose()
  }

  /** Ctrl-C. */
  handleInput(data: string): void {
    if (data !== '\u0003') return
    this.close()
    this.#closed.fire(130)
  }

  /** The exit code; `undefined` while it goes on. */
  async #run(): Promise<number | undefined> {
    try {
      const { task } = this.#definition
      const chosen = await this.#choose()
      const isGood = await this.#takeAll(chosen)
      if (task !== 'watch') return isGood ? 0 : 1
      this.#watch()
      return undefined
    } catch (error) {
      this.#say(sayFailure(error))
      return 1
    }
  }

  async #choose(): Promise<SourceFunction[]> {
    if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
    const { function: only } = this.#definition
    const all = (await this.#parts.functions.list()).filter(
      ({ link }) => !this.#folder || link.folder.uri.toString() === this.#folder.uri.toString(),
    )
    const path = only !== undefined && this.#folder ? join(this.#folder.uri.fsPath, only) : undefined
    const chosen = only === undefined ? all : all.filter((each) => each.name === only || each.path === path)
    if (chosen.length > 0) return chosen
    throw new WasmateError('SOURCE_NOT_FOUND', only ?? this.#folder?.name)
  }

  async #takeAll(chosen: SourceFunction[]): Promise<boolean> {
    this.#say(began)
    const went: boolean[] = []
    for (const each of chosen) went.push(await this.#take(each))
    this.#say(ended)
    return went.every(Boolean)
  }

  async #take(found: SourceFunction): Promise<boolean> {
    try {
      await saveAll(this.#parts.functions, found)
      const client = await found.link.require(this.#stopper.signal)
      this.#say(await this.#do(client, found))
      return true
    } catch (error) {
      for (const line of sayLines(found, error)) this.#say(line)
      return false
    }
  }

  async #do(
    client: Awaited<ReturnType<SourceFunction['link']['require']>>,
    found: SourceFunction,
  ): Promise<string> {
    const { signal } = this.#stopper
    const { task } = this.#definition
    const isDeployed = task === 'deploy' || task === 'watch'
    if (isDeployed) return sayDeployed(await this.#parts.deployments.bringUp(client, found.path, { signal }))
    const { name, cid, exports } = await client.stream('build', { path: found.path }, { signal })
    return l10n.t('{0} is built: {1} ({2})', name, cid, exports.join(', '))
  }

  /** Saves of this editor, by whatever they are made; one round after the other, so that each is told whole. */
  #watch(): void {
    const folder = this.#folder
    let last = Promise.resolve(true)
    this.#saves = workspace.onDidSaveTextDocument(({ uri }) => {
      const found = this.#parts.functions.of(uri)
      if (found && (!folder || found.link.folder.uri.toString() === folder.uri.toString()))
        last = last.then(() => this.#takeAll([found]))
    })
  }

  #say(text: string): void {
    this.#wrote.fire(`${printable(text, 20_000).replaceAll('\n', '\r\n')}\r\n`)
  }
}

/** `file:line:column: error CODE: message` for each place, the file with its whole path. */
export function sayLines({ path, entry, name }: SourceFunction, error: unknown): string[] {
  const { code, diagnostics, next } = toWasmateError(error)
  if (diagnostics.length === 0) return [`${name}: ${sayFailure(error)}`]
  const places = diagnostics.map(({ file, line, column, severity, message }) => {
    const isLibrary = file.startsWith('~lib/')
    const place = isLibrary ? `${entry}:1:1` : `${join(path, file)}:${line}:${column}`
    const words = isLibrary ? `${file}:${line}:${column}: ${message}` : message
    return `${place}: ${severity} ${code}: ${words.replaceAll('\n', ' ')}`
  })
  return [...places, `${name}: ${l10n.t(next)}`]
}
