// What an emulator is given.

import type { Log } from '../base/log.ts'
import type { Config } from '../config.ts'
import type { Workspace } from '../workspace.ts'

export interface EmulatorOptions {
  workspace: Workspace
  config: Config
  environment: {
    /** Value of PATH. */
    path: string
    cacheFolder: string
    mediaFolder: string
    contractsFolder: string
    workers: { runner: URL; compiler: URL }
  }
  log: Log
  /** Keep what is intact of damaged state and set the damaged files aside. */
  repair: boolean
  /** Begin with a new chain; the old one is set aside. */
  reset: boolean
  /** Begin with what this snapshot holds. */
  restore?: string | undefined
  /** Somebody asked over the control API that it stops. */
  onStopRequest: () => void
}
