// A run of the Test Explorer: what was chosen, carried out group by group, and what becomes of each case.

import { dirname, join } from 'node:path'
import { Location, Position, type TestItem, TestMessage, type TestRun, Uri, l10n } from 'vscode'
import { type Problem, fromProblem, toWasmateError } from '../../base/errors.ts'
import { printable } from '../../base/printable.ts'
import type { CaseEvent, CoverageEvent } from '../../client/cases.ts'
import { sayFailure } from '../failure.ts'
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

/** Ends the run, whatever comes of it; what a group throws is the result of its cases that have none. */
export async function showRun(
  run: TestRun,
  groups: Chosen[][],
  carryOut: (group: Chosen[], shown: ShownRun) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (const item of groups.flat().flatMap(({ cases }) => cases)) run.enqueued(item)
  try {
    for (const group of groups) {
      const shown = new ShownRun(run, group)
      await carryOut(group, shown).catch((error: unknown) => shown.fail(error))
      if (signal.aborted) break
    }
  } finally {
    run.end()
  }
}

export class ShownRun {
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
    const took = event.durationMs.toFixed(1)
    const lines = [
      `${event.function}: ${event.case}`,
      `  ${event.cid === undefined ? l10n.t('{0} ms', took) : l10n.t('{0}, {1} ms', event.cid, took)}`,
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
