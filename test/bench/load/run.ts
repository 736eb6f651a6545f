// A runner as the product starts it: the bundled worker, the settings' defaults.

import { silentLog } from '../../../src/base/log.ts'
import { parseConfig } from '../../../src/config.ts'
import type { FunctionOptions } from '../../../src/model.ts'
import { Runner } from '../../../src/runner/runner.ts'

const workerUrl = new URL('../../../dist/runner-worker.mjs', import.meta.url)
const { runner: defaults } = parseConfig({})

export const options: FunctionOptions = {
  timeoutMs: defaults.timeoutMs,
  maxMemoryBytes: defaults.maxMemoryBytes,
  allowedHosts: [],
  config: {},
}

/** Not started: it has no thread until the first call. */
export function createRunner(): Runner {
  const { maxWorkers, maxWorkersPerFunction, maxQueue, idleMs, instances } = defaults
  return new Runner({
    ...{ maxWorkers, maxWorkersPerFunction, maxQueue, idleMs, instances },
    ...{ workerUrl, log: silentLog },
  })
}

export interface Echoed {
  output: Uint8Array
  durationMs: number
}

export function callEcho(runner: Runner, cid: string, input: Uint8Array): Promise<Echoed> {
  return runner.invoke({ function: cid, cid, export: 'echo', input, options })
}
