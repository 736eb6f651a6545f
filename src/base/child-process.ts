// A child that can't outlive its parent, with its last words kept for the error.

import { type ChildProcess, spawn } from 'node:child_process'
import { type ProcessIdentity, identify } from './process.ts'

export interface ChildOptions {
  command: string
  args: string[]
  env?: Record<string, string>
  cwd?: string
  onLine?: (line: string) => void
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Child {
  pid: number
  identity(): Promise<ProcessIdentity | undefined>
  /** Settles when the process has ended; never rejects. */
  exited: Promise<Exit>
  /** The last 4 KiB of what it printed, both streams. */
  output(): string
  kill(signal?: NodeJS.Signals): Promise<Exit>
}

// A shell between parent and child watches a pipe that only the parent holds: when the parent dies,
// however it dies, the pipe ends and the child is killed. (pdeathsig exists on Linux alone.)
const leash = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ cat <&3 >/dev/null; kill -KILL $child 2>/dev/null; } &
exec 3<&-
wait $child
code=$?
exit $code
`

/** Starts the command; rejects when it can't be started at all. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn('/bin/sh', ['-c', leash, 'wasmate-child', options.command, ...options.args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  })
  const output = collectOutput(child, options.onLine)
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('exit', () => child.stdin.destroy())
  })
  const pid = await spawned(child)
  return {
    pid,
    identity: () => identify(pid),
    exited,
    output,
    // Ending the leash ends the child: closing the pipe is the same as the death of the parent.
    kill: () => {
      child.stdin.destroy()
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

function collectOutput(child: ChildProcess, onLine: ((line: string) => void) | undefined): () => string {
  let kept = ''
  let rest = ''
  const take = (chunk: string): void => {
    kept = (kept + chunk).slice(-4096)
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (onLine) lines.forEach(onLine)
  }
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', take)
  return () => kept
}
