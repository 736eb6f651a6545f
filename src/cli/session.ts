// What every verb is given: the workspace, the settings, where to print, and a signal that Ctrl-C aborts.

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { WasmateError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { BuilderOptions } from '../build/build.ts'
import { type Config, parseConfig } from '../config.ts'
import { type Workspace, workspaceAt } from '../workspace.ts'
import { type Output, createOutput, failWith } from './output.ts'

export interface Session {
  workspace: Workspace
  config: Config
  output: Output
  signal: AbortSignal
  environment: Environment
}

/** What the process was given from outside; read in cli.ts alone. */
export interface Environment {
  /** Of this program. */
  version: string
  /** Value of PATH. */
  path: string
  /** Where downloaded and built tools are kept between workspaces. */
  cacheFolder: string
  /** Templates and headers. */
  mediaFolder: string
  /** The registry's artefacts. */
  contractsFolder: string
  /** This program's file, to start it again in the background. */
  entry: string
  /** Variables WASMATE_PINNING_TOKEN and WASMATE_PINNING_TOKEN_<SERVICE>, by their names. */
  pinningTokens: Record<string, string | undefined>
  /** Where the user's accounts and choices are kept. */
  configFolder: string
  /**
   * WASMATE_PRIVATE_KEY, WASMATE_ACCOUNT_ADDRESS, WASMATE_KEYSTORE_PASSWORD. No child process is given the first, the
   * last, or a pinning token.
   */
  secrets: {
    privateKey: string | undefined
    accountAddress: string | undefined
    keystorePassword: string | undefined
  }
  /** Files that run in worker threads. */
  workers: { runner: URL; compiler: URL; piece: URL; coverage: URL }
}

/** What compiles here, in this process. */
export function builderOptions({ config, environment }: Session, log: Log): BuilderOptions {
  return {
    clang: config.build.clang,
    pathEnv: environment.path,
    mediaFolder: environment.mediaFolder,
    workerUrl: environment.workers.compiler,
    log,
  }
}

/** Adds a verb with its description and an example, to the program or to another verb. */
export type AddVerb = (name: string, description: string, example: string, to?: Command) => Command

export const onNetwork = [
  '--network <name>',
  'emulator, sepolia, or one of wasmate.networks.profiles',
  'emulator',
] as const

interface GlobalOptions {
  dir: string
  json?: boolean
  set: string[]
}

/** What a verb does; the arguments are those of its usage line. */
export type Verb<Options> = (session: Session, options: Options, ...args: string[]) => Promise<void>

/** Makes a verb's action: loads it, prepares the session, prints what went wrong, sets the exit code. */
export function verb<Options extends object>(
  environment: Environment,
  load: () => Promise<Verb<Options>>,
): (...args: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const options = command.optsWithGlobals<GlobalOptions & Options>()
    // An argument that may be given again comes as a list of its own.
    const args = given.slice(0, -2).flat() as string[]
    const output = createOutput(options.json ?? false)
    const stopper = new AbortController()
    const stop = (): void => stopper.abort()
    stopOnSignals(stopper)
    // Nobody reads any more.
    process.stdout.on('error', stop)
    process.stderr.on('error', stop)
    try {
      const config = parseConfig(nest(options.set))
      const workspace = workspaceAt(resolve(options.dir))
      const run = await load()
      await run({ workspace, config, output, signal: stopper.signal, environment }, options, ...args)
    } catch (error) {
      failWith(output, error)
    }
  }
}

/** npm passes a Ctrl-C on that the terminal has sent already: what comes this soon after is the same one. */
const sameSignalMs = 1_000

/** The first ends what runs in order, a later one at once. */
function stopOnSignals(stopper: AbortController): void {
  let stoppedAt = Infinity
  const stop = (): void => {
    if (performance.now() - stoppedAt > sameSignalMs) process.exit(130)
    stoppedAt = Math.min(stoppedAt, performance.now())
    stopper.abort()
  }
  // Not `once`: write-file-atomic ends the process when, in the middle of a write, nobody listens any more.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
}

/** `['devnet.seed=7']` -> `{ devnet: { seed: 7 } }`; values are JSON where they can be, else text. */
export function nest(assignments: string[]): Record<string, unknown> {
  const nested: Record<string, Record<string, unknown>> = {}
  for (const assignment of assignments) {
    const match = /^(?:wasmate\.)?(\w+)\.(\w+)=(.*)$/s.exec(assignment)
    if (!match) throw new WasmateError('CONFIG_INVALID', `--set ${assignment} (expected AREA.NAME=VALUE)`)
    const [, area = '', name = '', value = ''] = match
    nested[area] = { ...nested[area], [name]: parseValue(value) }
  }
  return nested
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Not JSON: a path or a URL, meant as it stands.
    return text
  }
}
