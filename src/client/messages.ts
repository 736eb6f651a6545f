// What passes between a running emulator and those who ask it: the shapes of the control API.

import type { Problem } from '../base/errors.ts'
import type { Deployment } from '../deploy.ts'
import type { Progress } from '../model.ts'
import type { Step } from '../steps.ts'
import type { EmulatorState } from '../workspace.ts'

/** `waiting`: its binary is being found, fetched or built. `failed`: it can't be had; the detail says why. */
export type ChainState = 'waiting' | 'starting' | 'restoring' | 'registering' | 'ready' | 'failed' | 'stopped'

export interface ChainStatus {
  state: ChainState
  /** What is under way, when it takes more than a moment. */
  progress?: Progress
  problem?: Problem
}

export interface EmulatorStatus {
  pid: number
  folder: string
  urls: EmulatorState['urls']
  /** Contract address of the registry, when the chain is ready. */
  registry?: string
  chain: ChainStatus
  /** Names that are pinned and wait to be registered. */
  pending: string[]
  /** Number of functions that answer. */
  serving: number
  uptimeMs: number
}

export interface DeployRequest {
  /** Absolute path of a function's folder or of a ready .wasm file. */
  path: string
  /** Wait until the chain has accepted it, however long that takes. */
  wait: boolean
}

export interface ListRequest {
  offset: number
  limit: number
}

/** One line of a streamed answer. */
export type ControlEvent =
  | { type: 'step'; step: Step }
  | { type: 'progress'; progress: Progress }
  | { type: 'deployed'; deployment: Deployment }
  | { type: 'error'; problem: Problem }
