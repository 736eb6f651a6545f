// The claim of one process on a workspace: the lock, the log file, what a killed one left behind, and the file
// by which others find this one.

import { z } from 'zod'
import { acquireLock } from '../base/disk/lock.ts'
import { describe } from '../base/errors.ts'
import { type Log, createLog, openLogFile, silentLog } from '../base/log.ts'
import { endProcess } from '../base/process.ts'
import { readState, removeState, writeState } from '../base/disk/state-file.ts'
import type { Teardown } from '../base/teardown.ts'
import type { DevnetState } from '../devnet/supervisor.ts'
import { finishRestore, restoreSnapshot } from '../flows/snapshots.ts'
import {
  type EmulatorState,
  type Workspace,
  prepareWorkspace,
  removeEmulatorState,
  setChainAside,
  writeEmulatorState,
} from '../workspace.ts'

export interface ClaimOptions {
  /** Set damaged files aside instead of refusing them. */
  repair: boolean
  /** Begin with a new chain; the old one is set aside, once nobody else can be using it. */
  reset: boolean
  /** Begin with what this snapshot holds; what was there is the snapshot `replaced` then. */
  restore?: string | undefined
}

const childrenSchema = z.array(z.object({ pid: z.number(), startedAt: z.string() }))

export class Instance {
  readonly #workspace: Workspace
  readonly #teardown: Teardown
  #known: Partial<EmulatorState> = {}
  #log: Log = silentLog
  #remembering: Promise<void> = Promise.resolve()

  constructor(workspace: Workspace, teardown: Teardown) {
    this.#workspace = workspace
    this.#teardown = teardown
  }

  /** Throws EMULATOR_STARTING when a living process holds the workspace. Gives the log: everything goes to its file. */
  async claim(listener: Log, { repair, reset, restore }: ClaimOptions): Promise<Log> {
    await prepareWorkspace(this.#workspace, repair)
    const lock = await acquireLock(this.#workspace.lock)
    this.#teardown.defer(() => lock.release())
    this.#teardown.defer(() => this.#remembering)
    const finished = await finishRestore(this.#workspace)
    if (finished !== undefined) listener.warn(`snapshot ${finished} is restored; that was cut off before`)
    if (restore !== undefined) await restoreSnapshot(this.#workspace, restore)
    if (reset) {
      for (const path of await setChainAside(this.#workspace)) listener.warn(`set aside: ${path}`)
    }
    const file = openLogFile(this.#workspace.log)
    this.#teardown.defer(() => file.close())
    await this.#endLeftChildren()
    this.#log = createLog((level, part, message) => {
      file.sink(level, part, message)
      listener.for(part)[level](message)
    })
    return this.#log
  }

  /** Writes what is new into `.wasmate/emulator.json`, once all of it is known; the file goes when the emulator stops. */
  async announce(news: Partial<EmulatorState>): Promise<void> {
    this.#known = { ...this.#known, ...news }
    const { pid, token, urls, registry } = this.#known
    if (pid === undefined || token === undefined || urls === undefined) return
    await writeEmulatorState(this.#workspace, {
      pid,
      token,
      urls,
      ...(registry !== undefined && { registry }),
    })
    // After the write: should the emulator be stopping by now, the file goes at once.
    this.#teardown.defer(() => removeEmulatorState(this.#workspace))
  }

  /** Its identity is on disk while it runs: should all that watches it be killed too, the next start ends it. */
  rememberChild({ phase, process }: DevnetState): void {
    const { children } = this.#workspace
    this.#remembering = this.#remembering
      .then(() => {
        if (process) return writeState(children, [process])
        if (phase === 'down') return removeState(children)
      })
      // The pipe that the child hangs on ends it in any case.
      .catch((error: unknown) => this.#log.warn(`${children} can't be written: ${describe(error)}`))
  }

  /** A file that can't be read names nobody who could be ended. */
  async #endLeftChildren(): Promise<void> {
    const { children } = this.#workspace
    const left = await readState(children, (value) => childrenSchema.parse(value)).catch(() => undefined)
    for (const child of left ?? []) await endProcess(child)
    await removeState(children)
  }
}
