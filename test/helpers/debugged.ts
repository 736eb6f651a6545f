// A function in AssemblyScript, compiled for the debugger once for all tests of a suite.

import { readDebugInfo } from '../../src/debug/info/info.ts'
import type { DebugTarget } from '../../src/debug/session/target.ts'
import { silentLog } from '../../src/base/log.ts'
import { Builder } from '../../src/build/build.ts'
import { compilerWorkerUrl, makeSource, mediaFolder } from './builder.ts'
import { debugTarget } from './debug-client.ts'

export interface Debugged {
  /** Path of `index.ts`. */
  file: string
  /** A call of the export. */
  target(name: string, input?: string): DebugTarget
}

/** In a folder `fn` of `parent`; `files` by name, `index.ts` among them. */
export async function compileDebugged(parent: string, files: Record<string, string>): Promise<Debugged> {
  const options = { pathEnv: process.env['PATH'] ?? '', mediaFolder, workerUrl: compilerWorkerUrl }
  const builder = new Builder({ ...options, log: silentLog })
  try {
    const source = await makeSource(parent, 'fn', files)
    const { bytes, symbols } = await builder.compileForDebugger(source)
    const info = readDebugInfo(bytes, source.folder, symbols)
    return { file: source.entry, target: (name, input) => ({ ...debugTarget(bytes, name, input), info }) }
  } finally {
    await builder.stop()
  }
}
