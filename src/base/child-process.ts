// A child that can't outlive its parent, with its last words kept for the error; or one that is meant to.

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ProcessIdentity, identify } from './process.ts'
import { systemCode } from './errors.ts'

export interface ChildOptions {
  command: string
  args: string[]
  /** Added to this process's environment; `undefined` takes a variable out of it. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Throw away what it prints on stdout: only stderr counts. */
  quiet?: boolean
  onLine?: (line: string) => void
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Child {
  pid: number
  identity(): Promise<ProcessIdentity | undefined>
  /** Settles when the process has ended and all it printed was read; never rejects. */
  exited: Promise<Exit>
  /** The last 4 KiB of what it printed, both streams, or stderr alone when it is quiet. */
  output(): string
  /** Ends it and every process it started. */
  kill(): Promise<Exit>
}

// Beside the child, in a process group of their own, a shell watches a pipe that only the parent holds:
// when the parent dies, however it dies, the pipe ends and the whole group is killed. (pdeathsig exists
// on Linux alone.) The group also keeps Ctrl-C in a terminal from reaching the child before the parent.
const leash = `
exec 3<&0
{ while read -r _ <&3; do :; done; kill -KILL 0; } >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`

/** Starts the command; rejects when it can't be started at all. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn('/bin/sh', ['-c', leash, 'wasmate-child', options.command, ...options.args], {
    stdio: ['pipe', options.quiet ? 'ignore' : 'pipe', 'pipe'],
    detached: true,
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  })
  const output = collectOutput(child, options.onLine)
  let ended = false
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('exit', () => {
      ended = true
      child.stdin?.destroy()
    })
  })
  // Nothing is ever written to the pipe; a watcher that was killed must not end the parent.
  child.stdin?.on('error', () => undefined)
  const pid = await spawned(child)
  return {
    pid,
    identity: () => identify(pid),
    exited,
    output,
    kill: () => {
      child.stdin?.destroy()
      if (!ended) killGroup(pid)
      return exited
    },
  }
}

function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

function collectOutput(child: ChildProcess, onLine: ((line: string) => void) | undefined): () => string {
  let kept = ''
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      kept = (kept + chunk).slice(-4096)
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      if (onLine) lines.forEach(onLine)
    })
    stream?.once('end', () => {
      if (rest) onLine?.(rest)
    })
  }
  return () => kept
}

export interface DetachedOptions {
  /** An ES or CommonJS module of ours. */
  entry: string
  args: string[]
  /** What it prints is appended to this file, which only its owner can read. */
  outputPath: string
}

/**
 * Starts the module with the program that runs this one. Inside of VS Code that is Electron: the variable makes it
 * behave as Node, and without the options of this process, so that a debugger of the one does not wait in the other.
 */
export function startDetached({ entry, args, outputPath }: DetachedOptions): ChildProcess {
  mkdirSync(dirname(outputPath), { recursive: true })
  const output = openSync(outputPath, 'a', 0o600)
  try {
    return fork(entry, args, {
      detached: true,
      execArgv: [],
      env: { ...process.env, ...asNode },
      stdio: ['ignore', output, output, 'ipc'],
    })
  } finally {
    closeSync(output)
  }
}

/** The module in a process that talks with this one, by structured clones; `.ts` is run by tsx. It inherits stderr. */
export function startPartner(entry: URL): ChildProcess {
  return fork(fileURLToPath(entry), [], {
    execArgv: entry.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [],
    env: { ...process.env, ...asNode },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
}

/** For a child of ours that is started with `process.execPath`. */
export const asNode = { ELECTRON_RUN_AS_NODE: '1' }
