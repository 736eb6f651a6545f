// What passes between a running emulator and those who ask it: the shapes of the control API.

import type { Problem } from '../base/errors.ts'
import type { Deployment, Pinned } from '../flows/deploy.ts'
import type { Comparison } from '../flows/diff.ts'
import type { FunctionOverview } from '../flows/overview.ts'
import type { AgainstReport } from '../flows/replay/against.ts'
import type { Bisection } from '../flows/replay/bisect.ts'
import type { ReplayReport } from '../flows/replay/replay.ts'
import type {
  ChangeReceipt,
  Context,
  Progress,
  Publication,
  RegisteredFunction,
  RegisteredVersion,
  RegistryChange,
  VersionRecord,
} from '../model.ts'
import type { Profiles } from '../networks.ts'
import type { Step } from '../steps.ts'
import type { NameProblem } from '../flows/served.ts'
import type { Check, Verification } from '../flows/verify.ts'
import type { InvocationRecord } from '../trace/record.ts'
import type { EmulatorState } from '../workspace.ts'
import type { DebugAnswer, DebugBuild, InterceptedCall } from './debug-messages.ts'

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
  /** Names whose current version does not answer, and why. */
  problems: NameProblem[]
  /** Number of functions that answer. */
  serving: number
  uptimeMs: number
}

export interface ListRequest {
  offset: number
  limit: number
  /** A network of the settings, which is read; absent: `emulator`. */
  network?: string | undefined
}

export interface DeployRequest {
  /** Absolute path of a function's folder or of a ready .wasm file. */
  path: string
  /** Wait until the chain has accepted it, however long that takes. */
  wait: boolean
}

export interface Built {
  name: string
  /** As it would be pinned; nothing was. */
  cid: string
  size: number
  sha256: string
  exports: string[]
  toolchain?: string
}

export interface InvokeRequest {
  /** A registered name or a CID. */
  target: string
  /** Absent: the default export. */
  export?: string | undefined
  /** The input. */
  base64: string
}

/** One of both. */
export interface ReceiptRequest {
  /** CID of a receipt. */
  receipt?: string | undefined
  /** Id of a call that the history has. */
  invocation?: number | undefined
}

export interface ReplayRequest extends ReceiptRequest {
  /** Count the instructions anew. */
  fuel?: boolean | undefined
}

export interface AgainstRequest {
  /** Absolute path of a function's folder or of a ready .wasm file. */
  path: string
  /** How many receipts of the function, at most. */
  last: number
  /** What it was built to already: in this file, or pinned at the emulator's node. Absent: it is built. */
  built?: { cid: string; file?: string | undefined } | undefined
}

export interface HistoryRequest {
  /** Only older ones than this id. */
  before?: number | undefined
  limit: number
  /** Only of this target. */
  target?: string | undefined
}

/** An account of the local chain. */
export interface Account {
  address: string
  /** Whether it signs what is deployed here. */
  signs: boolean
  /** In FRI, the smallest unit of STRK: decimal digits. */
  balance: string
}

/** What has changed, so that whoever shows it asks again; `invocation` brings the record itself. */
export type Change =
  { kind: 'status' | 'functions' | 'registry' } | { kind: 'invocation'; record: InvocationRecord }

export interface NameRequest {
  name: string
}

export interface LogRequest extends NameRequest {
  /** A network of the settings, which is read; absent: `emulator`. */
  network?: string | undefined
}

export interface VerifyRequest extends NameRequest {
  /** A network of the settings, which is read; absent: `emulator`. */
  network?: string | undefined
  /** Absent: the current one. */
  version?: number | undefined
  /** Say so on the chain when all of it holds. */
  attest?: boolean | undefined
}

/** Whether wasmate.lock names the same CID for the same network, contract and name. */
export interface LockCheck extends Omit<Check, 'what'> {
  what: 'lock'
}

export interface Verified extends Omit<Verification, 'checks'> {
  checks: (Check | LockCheck)[]
  /** `before`: this account had said so already. Absent: it was not asked for, or a check failed. */
  attested?: ChangeReceipt | 'before'
}

/** What came of a change; `unchanged`: it was so already, and nothing was sent. */
export interface Changed {
  state: 'changed' | 'unchanged'
  receipt?: ChangeReceipt
  /** The version that was current before it; 0 when none was. Of `set-current` and `yank`. */
  before?: number
  /** The one that is current now, and answers; absent when none is. Of `set-current` and `yank`. */
  current?: RegisteredVersion
}

/** How a name stands: `null` while nobody has it, or none of its versions is current. */
export interface NameState {
  current: RegisteredFunction | null
}

/** What takes long or goes on: each tells its steps as they happen, its result last. */
export interface Streams {
  deploy: { request: DeployRequest; step: Step; result: Deployment }
  verify: { request: VerifyRequest; step: Step; result: Verified }
  change: { request: RegistryChange; step: never; result: Changed }
  diff: { request: NameRequest; step: never; result: Comparison }
  log: { request: LogRequest; step: never; result: VersionRecord[] }
  /** Ends when whoever asked goes away. */
  watch: { request: NameRequest; step: NameState; result: null }
  build: { request: { path: string }; step: Step; result: Built }
  debugBuild: { request: { path: string }; step: never; result: DebugBuild }
  /** The next call of a name, which is then answered by `debugAnswer`, or fails when whoever asked goes away. */
  debugNext: { request: NameRequest; step: InterceptedCall; result: null }
  debugAnswer: { request: DebugAnswer; step: never; result: null }
  /** Builds and pins, and registers nothing. */
  pin: { request: { path: string }; step: Step; result: Pinned & { publication: Publication } }
  /** Registers what was pinned last of it, and builds nothing. */
  register: { request: { path: string }; step: Step; result: Deployment }
  /** The functions of the workspace, and how far each has come. */
  overview: { request: Record<string, never>; step: never; result: FunctionOverview[] }
  /** A call by hand: what it came to is a record, whether it gave an output or a problem. */
  invoke: { request: InvokeRequest; step: never; result: InvocationRecord }
  /** Newest first. */
  history: { request: HistoryRequest; step: never; result: InvocationRecord[] }
  /** A recorded call once more. */
  replay: { request: ReplayRequest; step: never; result: ReplayReport }
  /** The last recorded calls of a function on what its folder builds to now. */
  against: { request: AgainstRequest; step: never; result: AgainstReport }
  /** Which registered version first gave the answer of a receipt. */
  bisect: { request: ReceiptRequest; step: never; result: Bisection }
  clear: { request: Record<string, never>; step: never; result: null }
  /** What is known of networks elsewhere from now on: these over those that it was started with. */
  networks: { request: { profiles: Profiles }; step: never; result: { takesRestart: boolean } }
  accounts: { request: Record<string, never>; step: never; result: Account[] }
  /** Ends when whoever asked goes away. */
  changes: { request: Record<string, never>; step: Change; result: null }
}

export type StreamName = keyof Streams

/** One line of a streamed answer. */
export type StreamEvent<Name extends StreamName> =
  | { type: 'step'; step: Streams[Name]['step'] }
  | { type: 'progress'; progress: Progress }
  | { type: 'result'; result: Streams[Name]['result'] }
  | { type: 'error'; problem: Problem }

export interface StreamContext<Name extends StreamName> extends Context {
  step?: (step: Streams[Name]['step']) => void
}
