// What each of these benchmarks begins with: folders, a browser, an emulator beside the editor, tests inside of it.

import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type Running, chainIs, up } from '../../helpers/wasmate.ts'
import { until } from '../../helpers/until.ts'
import { startServer } from '../../vscode/host/server.ts'
import { makeSuite, runSuite } from '../../vscode/host/suite.ts'
import { openWorld, worldVariable } from '../../vscode/host/world.ts'

/** The product as it is built. */
export const extension = join(import.meta.dirname, '../../..')

export interface Bench {
  browser: Browser
  newFolder(): Promise<string>
  /** One line of JSON. */
  print(name: string, value: number, unit: string, details: Record<string, unknown>): void
}

/** An emulator with the function `hello`, registered and answering, and an account of somebody else. */
export async function startHello(cwd: string, env: Record<string, string> = {}): Promise<Running> {
  const args = ['--sample', 'hello', '--set', 'devnet.accounts=2']
  const running = await up({ cwd, env, args })
  await chainIs(running.state, 'ready')
  await until(async () => (await call(running)).ok, `the sample (${running.stderr()})`)
  return running
}

export function call({ state }: Running, body = 'x'): Promise<Response> {
  return fetch(`${state.urls.functions}/functions/hello`, { method: 'POST', body })
}

export interface HostMeasure {
  file: string
  workspace: string
  windows: number
  /** Of the host. */
  env?: Record<string, string>
}

/** Runs one file inside of the extension host, in as many windows one after another; gives what it measured. */
export async function measureInHost(
  { browser, newFolder }: Bench,
  { file, workspace, windows, env }: HostMeasure,
): Promise<Record<string, number[]>> {
  const measured: Record<string, number[]> = {}
  const undo: (() => unknown)[] = []
  const measure = async ({ what, value }: { what: string; value: number }): Promise<void> =>
    void (measured[what] ??= []).push(value)
  try {
    const world = await openWorld({ after: (work) => void undo.push(work as () => unknown) }, { measure })
    const suite = await makeSuite(await newFolder(), [join(import.meta.dirname, file)])
    const server = await startServer({ env: { ...env, ...suite.env, [worldVariable]: world } })
    undo.push(() => server.stop())
    for (let window = 0; window < windows; window++) {
      const { results } = await runSuite(suite, { server, browser, workspace })
      const failed = results.find(({ error }) => error)
      if (failed) throw new Error(`${failed.title}: ${failed.error}`)
    }
  } finally {
    for (const work of undo.reverse()) await work()
  }
  return measured
}
