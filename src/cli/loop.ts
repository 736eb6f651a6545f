// The edit-run loop as a person sees it: source -> build -> pin -> register -> event -> fetch -> load -> invoke,
// each step printed as it happens, and again after every save.

import { access, mkdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { WasmateError, toProblem } from '../base/errors.ts'
import { createFunction } from '../build/new.ts'
import { findSource, listSources } from '../build/source.ts'
import { watchSource } from '../build/watch.ts'
import type { ControlClient } from '../client/control.ts'
import type { Source } from '../model.ts'
import type { Step } from '../steps.ts'
import { describeStep } from './describe.ts'
import { call, encode, functionUrl } from './invoke.ts'
import type { Session } from './session.ts'

export interface LoopOptions {
  /** A path names one function; `true` means every function of the workspace. */
  watch?: boolean | string
  /** Run the loop a single time. */
  once?: boolean
  /** Name of a function to make from the template when it is not there yet. */
  sample?: string
}

interface Loop {
  session: Session
  client: ControlClient
  once: boolean
}

/** What the sample is called with: its template answers `Hello, wasmate!`. */
const input = new TextEncoder().encode('wasmate')

export async function runLoop(session: Session, options: LoopOptions, client: ControlClient): Promise<void> {
  const loop: Loop = { session, client, once: options.once ?? false }
  const sources = await chooseSources(session, options)
  if (loop.once) {
    for (const source of sources) await runOnce(loop, source)
    return
  }
  await Promise.all(sources.map((source) => runAndWatch(loop, source)))
}

async function chooseSources(session: Session, { sample, watch }: LoopOptions): Promise<Source[]> {
  const { workspace, config, environment } = session
  if (sample !== undefined) {
    const folder = join(workspace.folder, sample)
    if (await isThere(folder)) return [await findSource(folder, config.runner)]
    await mkdir(workspace.folder, { recursive: true })
    const { mediaFolder } = environment
    const limits = config.runner
    return [
      await createFunction({
        parent: workspace.folder,
        name: sample,
        language: 'assemblyscript',
        mediaFolder,
        limits,
      }),
    ]
  }
  if (typeof watch === 'string') return [await findSource(resolve(watch), config.runner)]
  const sources = await listSources(workspace.folder, config.runner)
  if (sources.length === 0) throw new WasmateError('SOURCE_NOT_FOUND', workspace.folder)
  return sources
}

async function runAndWatch(loop: Loop, source: Source): Promise<void> {
  const { signal, output } = loop.session
  // Watching begins before the first run: a save during it is not lost.
  const saves = watchSource(source, { signal })
  await runAndTell(loop, source)
  output.note(`edit ${relative(process.cwd(), source.entry)} and save it; Ctrl-C stops`)
  for await (const _save of saves) await runAndTell(loop, source)
}

/** A typing mistake must not end the loop: the next save tries again. */
async function runAndTell(loop: Loop, source: Source): Promise<void> {
  try {
    await runOnce(loop, source)
  } catch (error) {
    if (!loop.session.signal.aborted) loop.session.output.problem(toProblem(error))
  }
}

/** While the chain is not there yet the function is called by its CID; its registration follows by itself. */
async function runOnce(loop: Loop, source: Source): Promise<void> {
  const { session, client, once } = loop
  const print = printSteps(session)
  let early = Promise.resolve()
  const finished = new Promise<void>((resolve, reject) => {
    const tell = (step: Step): void => {
      print(step)
      if (step.facts['state'] !== 'pending') return
      early = callAndPrint(loop, String(step.facts['cid']))
      // The next save need not wait for the chain.
      early.then(once ? undefined : resolve, reject)
    }
    const context = { signal: session.signal, step: tell, report: session.output.progress }
    const deploying = client.stream('deploy', { path: source.path, wait: true }, context)
    deploying.then(({ name }) => early.then(() => callAndPrint(loop, name))).then(resolve, reject)
  })
  // Whatever comes of the chain, what was called meanwhile is seen to its end.
  await finished.finally(() => early.catch(() => undefined))
}

async function callAndPrint({ session, client }: Loop, target: string): Promise<void> {
  const url = functionUrl(client.state.urls.functions, target)
  const { output, cid, ms } = await call(url, input, session.signal)
  printSteps(session)({ step: 'invoke', ms, facts: { url, cid, ...encode(output) } })
}

function printSteps({ output }: Session): (step: Step) => void {
  return (step) => output.result({ step: step.step, ms: step.ms, ...step.facts }, describeStep(step))
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
