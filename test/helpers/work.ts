// A workspace with an emulator and one function in it, worked on over the command line.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Comparison, PlaceReport } from '../../src/flows/diff.ts'
import { temporaryFolder } from './folder.ts'
import { undoAfter } from './undo.ts'
import { type Finished, type Running, chainIs, up, wasmate } from './wasmate.ts'

export interface Work {
  cwd: string
  running: Running
  /** Runs a verb that has to succeed. */
  run(...args: string[]): Promise<Finished>
  /** Writes another greeting into the function's source. */
  edit(greeting: string): Promise<void>
}

/** The chain is ready, and the function `hello` made from its template. */
export async function startWork(context: TestContext, settings: string[] = []): Promise<Work> {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd, args: settings.flatMap((set) => ['--set', set]) })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  const run = async (...args: string[]): Promise<Finished> => {
    const finished = await wasmate(args, { cwd })
    assert.equal(finished.code, 0, `${args.join(' ')}: ${finished.stderr}${finished.stdout}`)
    return finished
  }
  await run('new', 'hello')
  const entry = join(cwd, 'hello', 'index.ts')
  const source = await readFile(entry, 'utf8')
  return { cwd, running, run, edit: (greeting) => writeFile(entry, source.replace('Hello', greeting)) }
}

export async function compare({
  cwd,
}: Work): Promise<{ code: number | null; same: boolean } & Record<string, unknown>> {
  const { code, json } = await wasmate(['diff', 'hello', '--json'], { cwd })
  const { same, places } = json[0] as unknown as Comparison
  return { code, same, ...Object.fromEntries(places.map((each) => [each.place, each])) }
}

export function place(compared: Record<string, unknown>, name: string): PlaceReport {
  return compared[name] as PlaceReport
}
