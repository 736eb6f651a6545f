// Builds starknet-devnet from its crate: the last resort, half an hour long, and it says so.

import { join } from 'node:path'
import { startChild } from '../base/child-process.ts'
import type { Context } from '../model.ts'

export interface CargoOptions {
  /** Absolute path of cargo. */
  cargo: string
  /** Value of PATH for cargo and what it starts. */
  pathEnv: string
  version: string
  /** An existing folder of the caller's own, where everything is written. */
  folder: string
}

/** What cargo compiles for version 0.10.1 with its lock file; for the progress alone. */
const crateCount = 679

// Link-time optimisation and -O3 double the build and gain a fifth on a write.
const fastProfile = ['opt-level=1', 'codegen-units=16', 'debug=false'].flatMap((setting) => [
  '--config',
  `profile.release.${setting}`,
])

/** Gives the path of the built binary inside `folder`; throws a plain error with cargo's last words. */
export async function buildWithCargo(options: CargoOptions, ctx: Context): Promise<string> {
  ctx.signal?.throwIfAborted()
  let compiled = 0
  const report = (): void =>
    ctx.report?.({
      doing: `building starknet-devnet with cargo (${compiled} of ${crateCount} crates, 25 minutes on two cores)`,
      fraction: Math.min(0.99, compiled / crateCount),
    })
  report()
  const root = join(options.folder, 'root')
  const child = await startChild({
    command: options.cargo,
    args: [
      ...['install', 'starknet-devnet', '--version', options.version, '--locked', '--root', root],
      ...fastProfile,
    ],
    env: {
      PATH: options.pathEnv,
      CARGO_TARGET_DIR: join(options.folder, 'target'),
      CARGO_TERM_COLOR: 'never',
    },
    onLine: (line) => {
      if (!/^\s*Compiling /.test(line)) return
      compiled++
      report()
    },
  })
  const stop = (): void => void child.kill()
  ctx.signal?.addEventListener('abort', stop, { once: true })
  if (ctx.signal?.aborted) stop()
  const exit = await child.exited
  ctx.signal?.removeEventListener('abort', stop)
  ctx.signal?.throwIfAborted()
  if (exit.code !== 0) {
    throw new Error(`cargo ended with ${exit.signal ?? `code ${exit.code}`}: ${lastLines(child.output())}`)
  }
  return join(root, 'bin', 'starknet-devnet')
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-5).join('\n') || '(it said nothing)'
}
