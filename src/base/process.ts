// Processes by identity: a pid alone may since belong to somebody else.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { systemCode } from './errors.ts'

const run = promisify(execFile)

/** A process, told apart from a later one with the same pid by when it started. */
export interface ProcessIdentity {
  pid: number
  startedAt: string
}

/** Gives `undefined` when no such process runs. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await readProcStart(pid) : await askPs(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid)
  return now?.startedAt === identity.startedAt
}

/** Ends the process if it is still the one that is meant, and waits until it is gone. */
export async function endProcess(identity: ProcessIdentity, graceMs = 0): Promise<boolean> {
  if (!(await isRunning(identity))) return false
  if (graceMs > 0) {
    signalProcess(identity.pid, 'SIGTERM')
    if (await isGone(identity, graceMs)) return true
  }
  signalProcess(identity.pid, 'SIGKILL')
  await isGone(identity, 5_000)
  return true
}

async function isGone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (await isRunning(identity)) {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return true
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

/** Field 22 of /proc/PID/stat (proc(5)); fields are counted after the command, which may hold spaces. */
async function readProcStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie has ended: only its parent has not yet asked how.
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}

async function askPs(pid: number): Promise<string | undefined> {
  const answer = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined)
  return answer?.stdout.trim() || undefined
}
