// The command line as people run it: the bundle, in a process of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { devnetPath } from './devnet.ts'

export const cliPath = join(import.meta.dirname, '../../dist/cli.mjs')

/** Ports that nobody asked for by number, so that tests run side by side. */
export const freePorts = ['functions', 'rpc', 'kubo', 'gateway', 'lassie', 'pinning', 'control'].map(
  (part) => `ports.${part}=0`,
)

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
  /** Every line of stdout that is a JSON object. */
  json: Record<string, unknown>[]
}

export interface RunOptions {
  cwd: string
  stdin?: string
  env?: Record<string, string>
}

/** Runs a verb to its end. */
export async function wasmate(args: string[], { cwd, stdin, env }: RunOptions): Promise<Finished> {
  const child = launch(args, cwd, env)
  child.stdin?.end(stdin ?? '')
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: stdout(), stderr: stderr(), json: readJsonLines(stdout()) }
}

export interface Running {
  child: ChildProcess
  state: EmulatorFile
  stderr(): string
  /** Lines of stdout so far that are JSON objects. */
  json(): Record<string, unknown>[]
  /** Ends it as Ctrl-C does and gives its exit code. */
  stop(): Promise<number | null>
  /** Ends it as a crash does. */
  kill(): Promise<void>
}

export interface EmulatorFile {
  pid: number
  token: string
  urls: Record<'rpc' | 'kubo' | 'gateway' | 'lassie' | 'functions' | 'pinning' | 'control', string>
  registry?: string
}

export interface UpOptions {
  cwd: string
  args?: string[]
  /** Another starknet-devnet than the tests' own, or none: an empty string. */
  devnet?: string
  env?: Record<string, string>
}

/** `wasmate up` in the foreground; resolves when `.wasmate/emulator.json` is this process's. */
export async function up({ cwd, args = [], devnet, env }: UpOptions): Promise<Running> {
  const binary = devnet ?? (await devnetPath())
  const settings = [...freePorts, ...(binary ? [`devnet.path=${binary}`] : [])].flatMap((set) => [
    '--set',
    set,
  ])
  const child = launch(['up', ...settings, ...args], cwd, env)
  child.stdin?.end()
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const exited = once(child, 'close')
  const json = (): Record<string, unknown>[] => readJsonLines(stdout())
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    await exited
    return child.exitCode
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  for (;;) {
    const state = await readEmulatorFile(cwd)
    if (state && state.pid === child.pid) return { child, state, stderr, json, stop, kill }
    if (child.exitCode !== null)
      throw new Error(`wasmate up ended with ${child.exitCode}: ${stderr()}${stdout()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export async function readEmulatorFile(cwd: string): Promise<EmulatorFile | undefined> {
  try {
    return JSON.parse(await readFile(join(cwd, '.wasmate', 'emulator.json'), 'utf8')) as EmulatorFile
  } catch {
    // Not there yet.
    return undefined
  }
}

interface Status {
  chain: { state: string; problem?: { code: string; detail: string } }
  pending: string[]
  serving: number
  registry?: string
}

export async function status({ urls, token }: EmulatorFile): Promise<Status> {
  const response = await fetch(`${urls.control}/status`, { headers: { authorization: `Bearer ${token}` } })
  return (await response.json()) as Status
}

/** Waits until the emulator's chain is in one of the states. */
export async function chainIs(state: EmulatorFile, ...wanted: string[]): Promise<Status> {
  for (;;) {
    const now = await status(state)
    if (wanted.includes(now.chain.state)) return now
    if (now.chain.state === 'failed')
      throw new Error(`the chain failed: ${JSON.stringify(now.chain.problem)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export interface Started {
  child: ChildProcess
  stderr(): string
  /** Lines of stdout so far that are JSON objects. */
  json(): Record<string, unknown>[]
  exitCode: Promise<number | null>
}

/** Begins a verb that goes on until it is ended. */
export function start(args: string[], cwd: string, env?: Record<string, string>): Started {
  const child = launch(args, cwd, env)
  child.stdin?.end()
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const exitCode = once(child, 'close').then(([code]) => code as number | null)
  return { child, stderr, json: () => readJsonLines(stdout()), exitCode }
}

const launched = new Set<ChildProcess>()

// What a failed test has not stopped must not keep its file from ending, nor outlive it.
const endLeft = (): void => launched.forEach((child) => void child.kill('SIGKILL'))
process.once('exit', endLeft)
if (process.env['NODE_TEST_CONTEXT'] !== undefined) after(endLeft)

function launch(args: string[], cwd: string, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [join(dirname(cliPath), 'cli.mjs'), ...args], {
    cwd,
    stdio: 'pipe',
    env: { ...process.env, ...env },
  })
  launched.add(child)
  child.once('close', () => launched.delete(child))
  return child
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}

function readJsonLines(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
