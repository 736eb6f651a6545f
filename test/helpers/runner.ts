// A real runner for one test, stopped when the test is over. Its worker is bundled as in the product.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import type { TestContext } from 'node:test'
import { type WasmateError, describe } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Answer, FunctionOptions, ModuleCall } from '../../src/model.ts'
import { Runner, type RunnerOptions } from '../../src/runner/runner.ts'

/** The worker as it is written, which takes longer to start. */
export const sourceWorkerUrl = new URL('../../src/runner/worker.ts', import.meta.url)

export const workerUrl = bundleWorker()

function bundleWorker(): URL {
  const folder = mkdtempSync(join(tmpdir(), 'wasmate-worker-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'worker.mjs')
  buildSync({
    entryPoints: [fileURLToPath(sourceWorkerUrl)],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm' },
  })
  copyFileSync(new URL('kernel.wasm', sourceWorkerUrl), join(folder, 'kernel.wasm'))
  return pathToFileURL(outfile)
}

export const defaultOptions: FunctionOptions = {
  timeoutMs: 30_000,
  maxMemoryBytes: 16 * 1024 * 1024,
  allowedHosts: [],
  config: {},
}

/** What is particular to one call; the rest is as plain as can be. */
export type Asked = Partial<Omit<ModuleCall, 'options' | 'input'>> & {
  options?: Partial<FunctionOptions>
  input?: string | Uint8Array
  signal?: AbortSignal
}

export interface TestRunner {
  runner: Runner
  /** Invokes the module that was loaded under `cid`, by default `plugin`. */
  invoke(asked: Asked): Promise<Answer>
  /** The answer as text. */
  ask(asked: Asked): Promise<string>
  /** `CODE: detail` of the error that the call must end with. */
  fail(asked: Asked): Promise<string>
}

export type TestRunnerOptions = Partial<RunnerOptions>

/** What a runner has when a test asks for nothing else. */
export const defaultPool = {
  ...{ maxWorkers: 2, maxWorkersPerFunction: 2, maxQueue: 1_000, idleMs: 60_000 },
  instances: 'reuse',
} as const

export async function startRunner(
  t: TestContext,
  modules: Record<string, Uint8Array>,
  { log = silentLog, ...pool }: TestRunnerOptions = {},
): Promise<TestRunner> {
  const runner = new Runner({ ...defaultPool, workerUrl, log, ...pool })
  t.after(() => runner.stop())
  await runner.start()
  for (const [cid, bytes] of Object.entries(modules)) await runner.load(cid, bytes, defaultOptions)
  const invoke = ({ options, input = '', signal, ...asked }: Asked): Promise<Answer> => {
    const cid = asked.cid ?? 'plugin'
    const call = { function: cid, ...asked, cid, input: Buffer.from(input) }
    return runner.invoke({ ...call, options: { ...defaultOptions, ...options } }, signal ? { signal } : {})
  }
  return {
    runner,
    invoke,
    ask: async (asked) => Buffer.from((await invoke(asked)).output).toString(),
    fail: async (asked) => showError(invoke(asked)),
  }
}

/** `CODE: detail`; throws when there is no error of the table. */
export async function showError(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isTableError(error)) throw new Error(`expected an error of the table, got ${describe(error)}`)
  return `${error.code}: ${error.detail ?? ''}`
}

function isTableError(error: unknown): error is WasmateError {
  return error instanceof Error && error.name === 'WasmateError'
}
