// The cases of functions, run by `wasmate test` in a process of its own: paths in, what becomes of each case out.

import type { CoveredPlace } from '../build/assemblyscript/coverage.ts'
import { asNode, startChild } from '../base/child-process.ts'
import { type Problem, WasmateError, fromProblem, systemCode } from '../base/errors.ts'
import type { CaseState } from '../flows/cases/judge.ts'
import type { CaseResult } from '../flows/cases/run.ts'

export type CaseCounts = Record<CaseState, number>

/**
 * One line of `wasmate test --json`. `path` is that of the function. `problem`: of the function as a whole, and none
 * of its cases was called.
 */
export type CaseEvent =
  | { event: 'began'; path: string; function: string; case: string }
  | ({ event: 'ended'; path: string } & CaseResult)
  | { event: 'problem'; path: string; problem: Problem }
  | CoverageEvent
  | ({ event: 'total'; ms: number } & CaseCounts)

/** Told of a function when its cases are over; without `places` where its language gives no coverage. */
export interface CoverageEvent {
  event: 'coverage'
  /** That of the function. */
  path: string
  function: string
  places?: ReachedPlace[]
}

/** Its file is absolute here. */
export interface ReachedPlace extends CoveredPlace {
  reached: boolean
}

export interface CasesRun {
  /** File of the command line, `cli.mjs`. */
  entry: string
  /** The workspace. */
  folder: string
  /** Of functions. */
  paths: string[]
  /** Names of cases, which each of the functions has; empty: all. */
  names: string[]
  /** `AREA.NAME=VALUE`. */
  settings: string[]
  /** Whether it is told what of the source has run. */
  coverage?: boolean
}

/** Told to end, it clears up behind itself; one that is stuck is ended after this. */
const endWithinMs = 2_000

/** Resolves when all have run. Throws CANCELLED, and what the process says when it can't begin. */
export async function runCasesApart(
  { entry, folder, paths, names, settings, coverage }: CasesRun,
  tell: (event: CaseEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw new WasmateError('CANCELLED')
  const options = [
    ...settings.flatMap((set) => ['--set', set]),
    ...names.flatMap((name) => ['--case', name]),
    ...(coverage ? ['--coverage'] : []),
  ]
  const ending: { total: boolean; problem?: Problem } = { total: false }
  const child = await startChild({
    command: process.execPath,
    args: [entry, '--dir', folder, '--json', 'test', ...options, '--', ...paths],
    env: asNode,
    onLine: (line) => {
      const event = parseEvent(line)
      if (!event) return
      if ('error' in event) ending.problem = event.error
      else tell(event)
      ending.total ||= 'event' in event && event.event === 'total'
    },
  })
  const stop = (): void => {
    endPolitely(child.pid)
    setTimeout(() => void child.kill(), endWithinMs).unref()
  }
  signal.addEventListener('abort', stop)
  const { code } = await child.exited
  signal.removeEventListener('abort', stop)
  // One that was cancelled says so itself, if it still can.
  if (signal.aborted && !ending.total) throw new WasmateError('CANCELLED')
  if (ending.problem) throw fromProblem(ending.problem)
  if (!ending.total) throw new WasmateError('INTERNAL', `wasmate test ended with ${code}: ${child.output()}`)
}

function endPolitely(pid: number): void {
  try {
    process.kill(pid)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

/** What is no JSON is for people: a warning of Node, say. */
function parseEvent(line: string): CaseEvent | { error: Problem } | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as CaseEvent | { error: Problem }
  } catch {
    return undefined
  }
}
