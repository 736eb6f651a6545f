// wasmate up: the emulator in this process, or in one of its own with --detach; with --watch, the loop on top.

import { toProblem, toWasmateError, WasmateError } from '../base/errors.ts'
import { createLog } from '../base/log.ts'
import { attach, type ControlClient } from '../client/control.ts'
import type { EmulatorStatus } from '../client/messages.ts'
import { type StartReport, startEmulator } from '../client/starting.ts'
import { describeStatus } from './ask.ts'
import { runLoop } from './loop.ts'
import type { Session } from './session.ts'

export interface UpOptions {
  detach?: boolean
  reset?: boolean
  restore?: string
  leased?: boolean
  repair?: boolean
  watch?: boolean | string
  once?: boolean
  sample?: string
}

export async function upVerb(session: Session, options: UpOptions): Promise<void> {
  const running = await attach(session.workspace, session.signal).catch(ignoreNotRunning)
  if (running) return useRunning(session, options, running)
  if (options.detach) {
    // This program again, in the background.
    const args = process.argv.slice(2).filter((arg) => arg !== '--detach')
    await startEmulator(session.workspace, { entry: session.environment.entry, args }, session.signal)
    const client = await attach(session.workspace)
    return printStatus(session, await client.status())
  }
  await runHere(session, options)
}

/** `up` twice is not a mistake: the second uses what the first started. */
async function useRunning(session: Session, options: UpOptions, client: ControlClient): Promise<void> {
  if (options.reset || options.restore !== undefined)
    throw new WasmateError(
      'EMULATOR_STARTING',
      `process ${client.state.pid}; stop it before a reset or a restore`,
    )
  if (wantsLoop(options)) return runLoop(session, options, client)
  printStatus(session, await client.status())
}

async function runHere(session: Session, options: UpOptions): Promise<void> {
  const { Emulator } = await import('../emulator.ts')
  const { workspace, config, environment, output, signal } = session
  const stopper = new AbortController()
  signal.addEventListener('abort', () => stopper.abort(), { once: true })
  // It may have come while this was loaded.
  signal.throwIfAborted()
  const log = createLog((level, part, message) => {
    if (level === 'warn' || level === 'error') output.note(`${part}: ${message}`)
  })
  const emulator = new Emulator({
    workspace,
    config,
    environment,
    log,
    repair: options.repair ?? false,
    reset: options.reset ?? false,
    restore: options.restore,
    leased: options.leased ?? false,
    onStopRequest: () => stopper.abort(),
  })
  try {
    await emulator.start(stopper.signal)
    tellStarter({ ready: true })
    const client = await attach(workspace)
    if (wantsLoop(options)) await runLoop({ ...session, signal: stopper.signal }, options, client)
    else await stayUp(session, await client.status(), stopper.signal)
  } catch (error) {
    tellStarter({ problem: toProblem(error) })
    // Being stopped is how staying up ends; a loop that was to run once did not.
    const isStopped = toWasmateError(error).code === 'CANCELLED' && stopper.signal.aborted
    if (options.once || !isStopped) throw error
  } finally {
    await emulator.stop()
  }
}

async function stayUp(session: Session, status: EmulatorStatus, signal: AbortSignal): Promise<void> {
  printStatus(session, status)
  session.output.note('up; Ctrl-C stops it')
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function tellStarter(report: StartReport): void {
  if (process.connected) process.send?.(report)
}

function wantsLoop({ watch, once, sample }: UpOptions): boolean {
  return Boolean(watch) || Boolean(once) || sample !== undefined
}

function printStatus({ output }: Session, status: EmulatorStatus): void {
  output.result(status, describeStatus(status))
}

function ignoreNotRunning(error: unknown): undefined {
  if (toWasmateError(error).code !== 'EMULATOR_NOT_RUNNING') throw error
}
