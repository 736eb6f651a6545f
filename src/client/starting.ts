// An emulator for whoever needs one: the one that runs, or a new one in a process of its own.

import { open, stat } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import { startDetached } from '../base/child-process.ts'
import { type Problem, WasmateError, fromProblem, toWasmateError } from '../base/errors.ts'
import { pause } from '../base/pause.ts'
import type { Workspace } from '../workspace.ts'
import { type ControlClient, attach } from './control.ts'

/** What an emulator tells the process that started it. */
export type StartReport = { ready: true } | { problem: Problem }

export interface Launch {
  /** File of the command line, `cli.mjs`. */
  entry: string
  /** Its arguments, with `up` among them, and the workspace. */
  args: string[]
}

const lookEveryMs = 50
/** For a process that holds the workspace and says nothing: it may be busy with a stop. */
const patienceMs = 30_000

/**
 * The emulator that runs; where another process is starting or stopping one, that is waited for. Throws
 * EMULATOR_NOT_RUNNING when there is none.
 */
export async function findRunning(
  workspace: Workspace,
  signal: AbortSignal,
  onWaiting?: () => void,
): Promise<ControlClient> {
  for (;;) {
    try {
      return await attach(workspace, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (toWasmateError(error).code !== 'EMULATOR_STARTING') throw error
      onWaiting?.()
      await pause(lookEveryMs, signal)
    }
  }
}

/** The emulator that runs, or the one that is started here. Throws what that says of why it does not start. */
export async function findOrStart(
  workspace: Workspace,
  launch: Launch,
  signal: AbortSignal,
): Promise<ControlClient> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      return await findRunning(workspace, signal)
    } catch (error) {
      if (toWasmateError(error).code !== 'EMULATOR_NOT_RUNNING') throw error
    }
    try {
      await startEmulator(workspace, launch, signal)
    } catch (error) {
      // Somebody else was faster, or is not yet gone.
      const isHeld = toWasmateError(error).code === 'EMULATOR_STARTING'
      if (!isHeld || performance.now() > deadline) throw error
      await pause(lookEveryMs, signal)
    }
  }
}

/** In a process of its own; resolves when it answers. Throws what it says of why it does not, in its own words. */
export async function startEmulator(
  workspace: Workspace,
  { entry, args }: Launch,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const before = await sizeOf(workspace.log)
  const child = startDetached({ entry, args, outputPath: workspace.log })
  const stop = (): void => void child.kill()
  signal.addEventListener('abort', stop)
  try {
    const report = await readReport(child)
    signal.throwIfAborted()
    if (report === undefined) throw await lastWords(workspace, before, child)
    if ('problem' in report) throw fromProblem(report.problem)
  } finally {
    signal.removeEventListener('abort', stop)
    if (child.connected) child.disconnect()
    child.unref()
  }
}

/** `undefined`: it ended without one. One that reports a problem, or is to stop, has ended when this resolves. */
async function readReport(child: ChildProcess): Promise<StartReport | undefined> {
  let report: StartReport | undefined
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new WasmateError('EMULATOR_FAILED', entryOf(child), { cause: error })),
    )
    child.once('message', (message) => {
      report = message as StartReport
      if ('ready' in report) resolve(report)
    })
    child.once('exit', () => resolve(report))
  })
}

const entryOf = (child: ChildProcess): string => child.spawnargs.slice(0, 2).join(' ')

/** What it printed as its problem; else how it ended. */
async function lastWords(workspace: Workspace, from: number, child: ChildProcess): Promise<WasmateError> {
  const printed = await readFrom(workspace.log, from)
  const lines = printed.split('\n').filter((line) => line.startsWith('{"error":'))
  const problem = lines.map(parseProblem).findLast((each) => each !== undefined)
  if (problem) return fromProblem(problem)
  const how = child.exitCode === null ? `was ended by ${child.signalCode}` : `ended with ${child.exitCode}`
  const words = printed.trim().split('\n').slice(-5).join(' | ')
  return new WasmateError('EMULATOR_FAILED', `it ${how}${words ? `: ${words}` : `; see ${workspace.log}`}`)
}

function parseProblem(line: string): Problem | undefined {
  try {
    return (JSON.parse(line) as { error: Problem }).error
  } catch {
    // Cut off in the middle: what is before it counts.
    return undefined
  }
}

async function sizeOf(path: string): Promise<number> {
  const file = await stat(path).catch(() => undefined)
  return file?.size ?? 0
}

const maxWordsBytes = 16 * 1024

/** The end of what was appended to the file since it had that size. */
async function readFrom(path: string, from: number): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const start = Math.max(from, size - maxWordsBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), {
      position: start,
    })
    return buffer.subarray(0, bytesRead).toString()
  } finally {
    await file.close()
  }
}
