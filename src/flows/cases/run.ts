// Flow test: source -> build -> load -> invoke, case by case. Nothing is pinned or registered, and no emulator is
// needed: what is tested is the present source, with none of the vars that a function may have here.

import { WasmateError, toProblem } from '../../base/errors.ts'
import type { LogLine } from '../../host-trace.ts'
import type { Answer, Context, ModuleCall, Source, WasmModule } from '../../model.ts'
import { CallError } from '../../runner/runner.ts'
import type { LoadLimits } from '../load.ts'
import { type Case, readCaseInput } from './file.ts'
import { type Judged, type Outcome, judgeCase } from './judge.ts'

export interface CaseStages {
  compile(source: Source, context: Context): Promise<WasmModule>
  /** The CID that these bytes would be pinned under. */
  cidOf(bytes: Uint8Array): Promise<string>
  runner: {
    load(cid: string, bytes: Uint8Array, limits: LoadLimits, context: Context): Promise<void>
    invoke(call: ModuleCall, context: Context): Promise<Answer>
  }
}

export interface CaseResult extends Judged {
  function: string
  case: string
  /** Of the module that was called; absent where that was built for a debugger, and has none. */
  cid?: string
  durationMs: number
  logs: LogLine[]
}

/** Told of each case when it begins and when it is over. */
export interface CaseListener {
  began(name: string): void
  ended(result: CaseResult): void
}

/** Throws what building throws, and CANCELLED; whatever comes of a case is its result. */
export async function runCases(
  source: Source,
  cases: readonly Case[],
  stages: CaseStages,
  context: Context,
  listener: CaseListener,
): Promise<void> {
  context.report?.({ doing: `building ${source.name}` })
  const { bytes } = await stages.compile(source, context)
  const cid = await stages.cidOf(bytes)
  await stages.runner.load(cid, bytes, source.options, context)
  for (const each of cases) {
    if (context.signal?.aborted) throw new WasmateError('CANCELLED')
    listener.began(each.name)
    const called = await call(each, cid, source, stages, context)
    const judged = await judgeCase(each, called.outcome, source.folder)
    const { logs, durationMs } = called
    listener.ended({ function: source.name, case: each.name, cid, logs, durationMs, ...judged })
  }
}

interface Called {
  outcome: Outcome
  logs: LogLine[]
  durationMs: number
}

async function call(
  each: Case,
  cid: string,
  { name: functionName, folder, defaultExport, options }: Source,
  { runner }: CaseStages,
  context: Context,
): Promise<Called> {
  const { name, export: asked, config, timeoutMs } = each
  const from = performance.now()
  try {
    const answer = await runner.invoke(
      {
        // Vars belong to a function: under a name of its own no case finds those of another.
        ...{ function: `${functionName}: ${name}`, cid, export: asked, defaultExport },
        input: await readCaseInput(each, folder),
        options: {
          ...options,
          timeoutMs: timeoutMs ?? options.timeoutMs,
          config: { ...options.config, ...config },
        },
      },
      context,
    )
    return { outcome: answer, logs: answer.logs, durationMs: answer.durationMs }
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code === 'CANCELLED') throw error
    const { logs, durationMs } =
      error instanceof CallError ? error.call : { logs: [], durationMs: performance.now() - from }
    return { outcome: { problem }, logs, durationMs }
  }
}
