// wasmate test: the cases of wasmate.test.json, each called in this process. No emulator, nothing registered.

import { resolve } from 'node:path'
import { WasmateError, toProblem } from '../../base/errors.ts'
import { silentLog } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import { Builder } from '../../build/build.ts'
import { findSource, listSources } from '../../build/source.ts'
import { cidOfFile } from '../../content/import.ts'
import { casesName, chooseCases, readCases } from '../../flows/cases/file.ts'
import { type CaseStages, runCases } from '../../flows/cases/run.ts'
import type { CaseCounts, CaseEvent } from '../../client/cases.ts'
import { Runner } from '../../runner/runner.ts'
import { elapsed } from '../../steps.ts'
import { Coverage, describeCoverage } from './coverage.ts'
import { type Session, builderOptions } from '../session.ts'

export interface TestOptions {
  /** Names of cases; absent: all. */
  case: string[]
  /** Tell what of the sources has run. */
  coverage?: boolean
}

/** Sets the exit code to 1 unless all of them pass. */
export async function testVerb(session: Session, options: TestOptions, ...paths: string[]): Promise<void> {
  const { config, environment, output } = session
  const builder = new Builder(builderOptions(session, silentLog))
  const coverage = options.coverage
    ? await Coverage.open(environment.workers.coverage, config.runner.hostFunctions)
    : undefined
  const { hostFunctions = config.runner.hostFunctions } = coverage ?? {}
  const { runner: workerUrl } = environment.workers
  const runner = new Runner({ ...config.runner, hostFunctions, workerUrl, log: silentLog })
  const counts: CaseCounts = { passed: 0, failed: 0, errored: 0 }
  const from = performance.now()
  const tell = (event: CaseEvent): void => {
    if (event.event === 'ended') counts[event.state] += 1
    if (event.event === 'problem') counts.errored += 1
    if (session.output.json || event.event !== 'began') output.result(event, describeEvent(event))
  }
  try {
    await runner.start()
    const { profile } = config.content
    const stages: CaseStages = {
      ...{ runner, compile: (...asked) => coverage?.compile(builder, ...asked) ?? builder.compile(...asked) },
      cidOf: (bytes) => cidOfFile(bytes, profile),
    }
    for (const path of await findFunctions(session, paths)) {
      await testFunction({ session, path, names: options.case, stages, tell, coverage }).catch(
        (error: unknown) => {
          const problem = toProblem(error)
          if (problem.code === 'CANCELLED') throw error
          tell({ event: 'problem', path, problem })
        },
      )
    }
    tell({ event: 'total', ms: elapsed(from), ...counts })
  } finally {
    await Promise.all([builder.stop(), runner.stop()])
    await coverage?.close()
  }
  if (counts.failed + counts.errored > 0) process.exitCode = 1
}

/** Those that are named; else all of the workspace that have cases. */
async function findFunctions({ workspace, config }: Session, paths: string[]): Promise<string[]> {
  if (paths.length > 0) return paths.map((path) => resolve(path))
  const sources = await listSources(workspace.folder, config.runner)
  const isThere = await Promise.all(
    // One that can't be read has cases, and says what is wrong when its turn comes.
    sources.map(({ folder }) =>
      readCases(folder).then(
        (cases) => cases !== undefined,
        () => true,
      ),
    ),
  )
  const found = sources.filter((_source, index) => isThere[index])
  if (found.length > 0) return found.map(({ path }) => path)
  throw new WasmateError('SOURCE_NOT_FOUND', `no function of ${workspace.folder} has a ${casesName}`)
}

interface Asked {
  session: Session
  path: string
  /** Empty: all. */
  names: string[]
  stages: CaseStages
  tell: (event: CaseEvent) => void
  coverage: Coverage | undefined
}

async function testFunction({ session, path, names, stages, tell, coverage }: Asked): Promise<void> {
  const { config, signal, output } = session
  const source = await findSource(path, config.runner)
  const chosen = await chooseCases(source.folder, names)
  const context = { signal, report: output.progress }
  await runCases(source, chosen, stages, context, {
    began: (name) => tell({ event: 'began', path, function: source.name, case: name }),
    ended: (result) => tell({ event: 'ended', path, ...result }),
  })
  if (coverage) tell(await coverage.take(path, source))
}

const marks = { passed: 'ok   ', failed: 'FAIL ', errored: 'ERROR' }

/** What a person reads of it: nothing of what a function says moves the cursor. */
function describeEvent(event: CaseEvent): string {
  if (event.event === 'began') return ''
  if (event.event === 'coverage') return describeCoverage(event)
  if (event.event === 'problem') return `ERROR ${event.path}\n${indent(event.problem.detail)}`
  if (event.event === 'total') {
    const { passed, failed, errored, ms } = event
    return `${passed} passed, ${failed} failed, ${errored} errored  ${ms.toFixed(0)} ms`
  }
  const { state, function: name, case: title, durationMs, difference, problem } = event
  const line = `${marks[state]} ${printable(`${name}: ${title}`, Infinity)}  ${durationMs.toFixed(1)} ms`
  if (state === 'passed') return line
  const { message = problem?.detail ?? '', expected, actual } = difference ?? {}
  const sides = expected === undefined ? [] : ['expected', indent(expected), 'actual', indent(actual ?? '')]
  return [line, indent([message, ...sides].join('\n'))].join('\n')
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `      ${printable(line, Infinity)}`)
    .join('\n')
}
