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
  /** Stop when no editor listens for changes any more. */
  leased: boolean
  /** It is to stop: somebody asked over the control API, or the last editor went away. */
  onStopRequest: () => void
}
