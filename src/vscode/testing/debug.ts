// Debugs chosen cases one after another, and judges each as a run does.

import { basename, dirname } from 'node:path'
import type { TestRun } from 'vscode'
import { type ErrorCode, WasmateError, toProblem } from '../../base/errors.ts'
import type { Outcome } from '../../flows/cases/judge.ts'
import type { CaseResult } from '../../flows/cases/run.ts'
import type { AskedCase, DebuggedCases } from '../debug/cases.ts'
import { type Chosen, type ShownRun, showRun } from './shown.ts'

interface Asked {
  run: TestRun
  chosen: Chosen[]
  debugged: DebuggedCases
  signal: AbortSignal
}

/** What a run takes for an answer of the call, and the debugger finds before it. */
const ofCall = new Set<ErrorCode>(['EXPORT_NOT_FOUND', 'EXPORT_REQUIRED'])
const unsaid = { logs: [], durationMs: 0 }

/** One that is stopped before its answer ends them all. */
export async function debugTests(asked: Asked): Promise<void> {
  const { run, chosen, signal } = asked
  const carryOut = async (group: Chosen[], shown: ShownRun): Promise<void> => {
    for (const each of group) await debugFunction(each, shown, asked)
  }
  await showRun(run, [chosen], carryOut, signal)
}

async function debugFunction(
  { uri, cases }: Chosen,
  shown: ShownRun,
  { run: testRun, debugged, signal }: Asked,
): Promise<void> {
  const { chooseCases } = await import('../../flows/cases/file.ts')
  const { judgeCase } = await import('../../flows/cases/judge.ts')
  const path = dirname(uri.fsPath)
  for (const { id } of cases) {
    const named = { path, function: basename(path), case: id }
    shown.show({ event: 'began', ...named })
    try {
      const { outcome, ...said } = await callUnder(debugged, { path, name: id, testRun, signal })
      // As it is in the file by now: what was typed is saved before a session.
      const [found] = await chooseCases(path, [id])
      if (found) shown.show({ event: 'ended', ...named, ...said, ...(await judgeCase(found, outcome, path)) })
    } catch (error) {
      const problem = toProblem(error)
      if (problem.code === 'CANCELLED') throw error
      if (problem.code === 'CASES_INVALID') {
        shown.show({ event: 'ended', ...named, ...unsaid, state: 'errored', problem })
        // None of its cases can be called.
      } else return shown.show({ event: 'problem', path, problem })
    }
  }
}

async function callUnder(
  debugged: DebuggedCases,
  asked: AskedCase,
): Promise<Pick<CaseResult, 'logs' | 'durationMs'> & { outcome: Outcome }> {
  try {
    const { result, logs, durationMs } = await debugged.call(asked)
    const outcome = result.ok ? result : { problem: toProblem(new WasmateError(result.code, result.detail)) }
    return { outcome, logs, durationMs }
  } catch (error) {
    const problem = toProblem(error)
    if (!ofCall.has(problem.code)) throw error
    return { outcome: { problem }, ...unsaid }
  }
}
