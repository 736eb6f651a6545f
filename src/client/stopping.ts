// The end of an emulator: asked for and awaited, or seen from outside.

import { rm } from 'node:fs/promises'
import { lockHolder } from '../base/disk/lock.ts'
import { WasmateError } from '../base/errors.ts'
import { pause } from '../base/pause.ts'
import { type ProcessIdentity, endProcess, isRunning } from '../base/process.ts'
import { type Workspace, readEmulatorState } from '../workspace.ts'
import { type ControlClient, attach } from './control.ts'

const stopGraceMs = 10_000
/** For one that was not listening to the question. */
const unansweredGraceMs = 2_000
const lookEveryMs = 20

/**
 * Asks politely, then ends the process. Gives the process that has ended; `undefined` when none ran, which is a
 * success, since that is what was wanted.
 */
export async function stopEmulator(
  workspace: Workspace,
  signal: AbortSignal,
): Promise<ProcessIdentity | undefined> {
  const holder = await lockHolder(workspace.lock)
  if (!holder) {
    await rm(workspace.emulator, { force: true })
    return undefined
  }
  // One that does not answer is ended all the same.
  const client = await attach(workspace, signal).catch(() => undefined)
  await client?.stop(signal).catch(() => undefined)
  const deadline = performance.now() + (client ? stopGraceMs : 0)
  while (performance.now() < deadline && (await isRunning(holder))) {
    signal.throwIfAborted()
    await pause(lookEveryMs, signal)
  }
  await endProcess(holder, client ? 0 : unansweredGraceMs)
  if (await isRunning(holder))
    throw new WasmateError('EMULATOR_STARTING', `process ${holder.pid} does not end`)
  return holder
}

/** How an emulator that was listened to went on: it answers again, it has stopped, or it was killed. */
export type Aftermath = { still: ControlClient } | { ended: 'stopped' | 'killed' }

/** Waits while its process has not yet ended; `onStopping` is called when there is something to wait for. */
export async function awaitAftermath(
  workspace: Workspace,
  { state: { pid } }: ControlClient,
  signal: AbortSignal,
  onStopping: () => void,
): Promise<Aftermath> {
  for (;;) {
    const holder = await lockHolder(workspace.lock)
    if (holder?.pid !== pid) break
    const still = await attach(workspace, signal).catch(() => undefined)
    if (still) return { still }
    onStopping()
    await pause(lookEveryMs, signal)
    signal.throwIfAborted()
  }
  // One that ends in order takes the file along.
  const left = await readEmulatorState(workspace).catch(() => undefined)
  return { ended: left?.pid === pid ? 'killed' : 'stopped' }
}
