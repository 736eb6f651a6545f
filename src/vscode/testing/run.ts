// Runs chosen cases by `wasmate test` in a process of its own, and shows what becomes of each.

import { dirname, join } from 'node:path'
import { Location, Position, type TestItem, TestMessage, type TestRun, Uri, l10n, workspace } from 'vscode'
import { type Problem, WasmateError, fromProblem, toWasmateError } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import type { CaseEvent, CoverageEvent } from '../../client/cases.ts'
import { sayFailure } from '../failure.ts'
import { readAssignments } from '../settings.ts'
import { toFileCoverage } from './coverage.ts'

/** A function, and those of its cases that are to run. */
export interface Chosen {
  /** Of its wasmate.test.json. */
  uri: Uri
  item: TestItem
  cases: TestItem[]
  /** Whether that is every one of them. */
  isAll: boolean
}

interface Asked {
  run: TestRun
  chosen: Chosen[]
  /** File of the command line. */
  entry: string
  signal: AbortSignal
  /** Whether it is shown what of the sources has run. */
  coverage: boolean
}

/** Ends the run, whatever comes of it. */
export async function runTests(asked: Asked): Promise<void> {
  const { run, chosen, signal } = asked
  for (const item of chosen.flatMap(({ cases }) => cases)) run.enqueued(item)
  try {
    for (const group of groupChosen(chosen)) {
      const shown = new ShownRun(run, group)
      await runGroup(group, shown, asked).catch((error: unknown) => shown.fail(error))
      if (signal.aborted) break
    }
  } finally {
    run.end()
  }
}

/** Functions of one folder whose cases all run share a process, which has the compiler loaded once. */
function groupChosen(chosen: Chosen[]): Chosen[][] {
  const groups = new Map<string, Chosen[]>()
  for (const each of chosen) {
    const folder = workspace.getWorkspaceFolder(each.uri)?.uri.toString() ?? ''
    const key = each.isAll ? folder : each.uri.toString()
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()]
}

async function runGroup(group: Chosen[], shown: ShownRun, { entry, signal, coverage }: Asked): Promise<void> {
  const [first] = group
  const folder = first && workspace.getWorkspaceFolder(first.uri)
  if (!folder || folder.uri.scheme !== 'file') {
    throw new WasmateError('SOURCE_NOT_FOUND', `${first?.uri.toString()} is not in a folder of this machine`)
  }
  if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED', folder.name)
  const { runCasesApart } = await import('../../client/cases.ts')
  const paths = group.map(({ uri }) => dirname(uri.fsPath))
  const names = first.isAll ? [] : first.cases.map(({ id }) => id)
  const settings = readAssignments(folder)
  const asked = { entry, folder: folder.uri.fsPath, paths, names, settings, coverage }
  await runCasesApart(asked, (event) => shown.show(event), signal)
}

class ShownRun {
  readonly #run: TestRun
  /** By the path of the function; what has no result yet. */
  readonly #waiting: Map<string, Map<string, TestItem>>

  constructor(run: TestRun, group: Chosen[]) {
    this.#run = run
    const named = (cases: TestItem[]): Map<string, TestItem> => new Map(cases.map((item) => [item.id, item]))
    this.#waiting = new Map(group.map(({ uri, cases }) => [dirname(uri.fsPath), named(cases)]))
  }

  show(event: CaseEvent): void {
    if (event.event === 'total') return
    if (event.event === 'coverage') return this.#cover(event)
    if (event.event === 'problem') return this.#failFunction(event.path, event.problem)
    const item = this.#waiting.get(event.path)?.get(event.case)
    // It was written since it was shown.
    if (!item) return
    if (event.event === 'began') return this.#run.started(item)
    this.#waiting.get(event.path)?.delete(event.case)
    this.#print(event, item)
    if (event.state === 'passed') this.#run.passed(item, event.durationMs)
    else this.#run[event.state](item, toMessage(event, item), event.durationMs)
  }

  /** What has no result gets this one; what was cancelled has none. */
  fail(error: unknown): void {
    const isCancelled = toWasmateError(error).code === 'CANCELLED'
    const items = [...this.#waiting.values()].flatMap((each) => [...each.values()])
    for (const item of items) {
      if (isCancelled) this.#run.skipped(item)
      else this.#run.errored(item, at(new TestMessage(sayFailure(error)), item))
    }
  }

  #cover({ function: name, places }: CoverageEvent): void {
    for (const each of toFileCoverage(places ?? [])) this.#run.addCoverage(each)
    if (places) return
    this.#run.appendOutput(`${l10n.t('{0}: its language gives no coverage.', printable(name, 100))}\r\n`)
  }

  #failFunction(path: string, problem: Problem): void {
    const [diagnostic] = problem.diagnostics ?? []
    const items = [...(this.#waiting.get(path)?.values() ?? [])]
    this.#waiting.delete(path)
    for (const item of items) {
      const message = at(new TestMessage(sayFailure(fromProblem(problem))), item)
      if (diagnostic && !diagnostic.file.startsWith('~')) {
        const place = new Position(Math.max(0, diagnostic.line - 1), Math.max(0, diagnostic.column - 1))
        message.location = new Location(Uri.file(join(path, diagnostic.file)), place)
      }
      this.#run.errored(item, message)
    }
  }

  #print(event: Extract<CaseEvent, { event: 'ended' }>, item: TestItem): void {
    const lines = [
      `${event.function}: ${event.case}`,
      `  ${l10n.t('{0}, {1} ms', event.cid, event.durationMs.toFixed(1))}`,
      ...event.logs.map(({ level, message }) => `  ${level} ${message}`),
      ...(event.problem ? [`  ${sayFailure(fromProblem(event.problem))}`] : []),
    ]
    // A terminal shows it: of what a function says nothing moves the cursor.
    const readable = printable(lines.join('\n'), Infinity).replaceAll('\n', '\r\n')
    this.#run.appendOutput(`${readable}\r\n`, undefined, item)
  }
}

function toMessage(
  { difference, problem }: Extract<CaseEvent, { event: 'ended' }>,
  item: TestItem,
): TestMessage {
  const said = problem ? sayFailure(fromProblem(problem)) : (difference?.message ?? '')
  const { expected, actual } = difference ?? {}
  if (expected === undefined || actual === undefined) return at(new TestMessage(said), item)
  return at(TestMessage.diff(said, expected, actual), item)
}

function at(message: TestMessage, { uri, range }: TestItem): TestMessage {
  if (uri && range) message.location = new Location(uri, range)
  return message
}
