// The claim of one process on a workspace: the lock, the log file, what a killed one left behind, and the file
// by which others find this one.

import { z } from 'zod'
import { acquireLock } from './base/lock.ts'
import { type Log, createLog, openLogFile } from './base/log.ts'
import { endProcess } from './base/process.ts'
import { readState, removeState, writeState } from './base/state-file.ts'
import type { Teardown } from './base/teardown.ts'
import type { DevnetState } from './devnet/supervisor.ts'
import {
  type EmulatorState,
  type Workspace,
  prepareWorkspace,
  removeEmulatorState,
  writeEmulatorState,
} from './workspace.ts'

const childrenSchema = z.array(z.object({ pid: z.number(), startedAt: z.string() }))

export class Instance {
  readonly #workspace: Workspace
  readonly #teardown: Teardown
  #known: Partial<EmulatorState> = {}

  constructor(workspace: Workspace, teardown: Teardown) {
    this.#workspace = workspace
    this.#teardown = teardown
  }

  /** Throws EMULATOR_STARTING when a living process holds the workspace. Gives the log: everything goes to its file. */
  async claim(listener: Log): Promise<Log> {
    await prepareWorkspace(this.#workspace)
    const lock = await acquireLock(this.#workspace.lock)
    this.#teardown.defer(() => lock.release())
    const file = openLogFile(this.#workspace.log)
    this.#teardown.defer(() => file.close())
    await this.#endLeftChildren()
    return createLog((level, part, message) => {
      file.sink(level, part, message)
      listener.for(part)[level](message)
    })
  }

  /** Writes what is new into `.wasmate/emulator.json`, once all of it is known; the file goes when the emulator stops. */
  async announce(news: Partial<EmulatorState>): Promise<void> {
    this.#known = { ...this.#known, ...news }
    const { pid, token, urls, registry } = this.#known
    if (pid === undefined || token === undefined || urls === undefined) return
    if (news.urls) this.#teardown.defer(() => removeEmulatorState(this.#workspace))
    await writeEmulatorState(this.#workspace, {
      pid,
      token,
      urls,
      ...(registry !== undefined && { registry }),
    })
  }

  /** Its identity is on disk while it runs: should all that watches it be killed too, the next start ends it. */
  async rememberChild({ phase, process }: DevnetState): Promise<void> {
    if (process) await writeState(this.#workspace.children, [process])
    else if (phase === 'down') await removeState(this.#workspace.children)
  }

  /** A file that can't be read names nobody who could be ended. */
  async #endLeftChildren(): Promise<void> {
    const { children } = this.#workspace
    const left = await readState(children, (value) => childrenSchema.parse(value)).catch(() => undefined)
    for (const child of left ?? []) await endProcess(child)
    await removeState(children)
  }
}
