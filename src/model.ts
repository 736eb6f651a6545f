// The nouns that pass between the stages, in the order of the flow:
// source -> build -> pin -> register -> event -> fetch -> load -> invoke

import type { HostTrace, LogLine, Told } from './host-trace.ts'
import type { Recording } from './recording.ts'

/** What runs through every long piece of work. */
export interface Context {
  signal?: AbortSignal
  /** Told of progress while a step runs; never throws. */
  report?: (progress: Progress) => void
}

export interface Progress {
  /** What is being done, in a few words, without a full stop. */
  doing: string
  /** 0 to 1 when it can be told. */
  fraction?: number
}

/** A function's limits and settings, from wasmate.json. */
export interface FunctionOptions {
  timeoutMs: number
  maxMemoryBytes: number
  /** Hosts that http_request may reach; none by default. */
  allowedHosts: string[]
  config: Record<string, string>
}

/** What whoever chooses among functions is told of one. */
export interface ToolDescription {
  description?: string
  /** JSON Schema of its input, which is JSON then. */
  inputSchema?: Record<string, unknown>
}

/** A function on disk: a folder with a source file, or a ready .wasm file. */
export interface Source {
  name: string
  /** Absolute path that finds it again: of the folder, or of the ready module that was named itself. */
  path: string
  /** Absolute path of the folder; for a ready module, of the folder that holds it. */
  folder: string
  /** Absolute path of the file to compile, or of the ready module. */
  entry: string
  language: string
  options: FunctionOptions
  /** Export that a call without one means; absent when wasmate.json names none. */
  defaultExport?: string
  /** What it is as a tool; absent where wasmate.json says nothing of it. */
  tool?: ToolDescription
  /** Written by somebody else: its compiler reads nothing but this folder and what comes with the compiler. */
  confined?: boolean
}

/** Compiled bytes and what was seen in them. */
export interface WasmModule {
  bytes: Uint8Array
  /** SHA-256 of the bytes, 64 hex digits. */
  sha256: string
  /** Callable exports: no parameters, nothing or an i32 back. */
  exports: string[]
  /** What compiled it, so that it can be done again: `assemblyscript 0.28.20`; absent for a ready module. */
  toolchain?: string
}

/** How bytes become a DAG: the same bytes under another profile have another CID. */
export const importProfileNames = ['unixfs-v1-2025', 'unixfs-v0-2015', 'kubo-v1'] as const
export type ImportProfile = (typeof importProfileNames)[number]

export interface Pin {
  cid: string
  /** Bytes of the file, not of its DAG. */
  size: number
  profile: ImportProfile
}

/** What is written to the registry under a name. */
export interface Publication {
  name: string
  cid: string
  /** Of the module's bytes, 64 hex digits; empty when published through the old interface, as is `size` 0. */
  sha256: string
  size: number
  /** CID of the source folder, or empty when only a ready module was given. */
  sourceCid: string
}

/** A publication that the chain has accepted. */
export interface Registration extends Publication {
  /** Counts from 1 for each name. */
  version: number
  /** Address of the account that published it, 0x and hex digits. */
  publisher: string
  transactionHash: string
  blockNumber: number
}

/** A version as the registry holds it. */
export interface RegisteredVersion extends Publication {
  version: number
  publisher: string
  /** Block time in seconds since 1970. */
  publishedAt: number
  attestations: number
  yanked: boolean
}

/** A registered name and its current version. */
export interface RegisteredFunction {
  name: string
  owner: string
  versionCount: number
  current: RegisteredVersion
}

/** A name in a listing; `current` is absent when its versions are yanked and none stands in. */
export interface ListedFunction extends Omit<RegisteredFunction, 'current'> {
  current?: Pick<RegisteredVersion, 'version' | 'cid' | 'sha256' | 'size'>
}

/** Where an event stands on the chain; `(transactionHash, eventIndex)` tells events apart. */
export interface EventPosition {
  blockNumber: number
  blockHash: string
  transactionHash: string
  eventIndex: number
}

/** A new version of a name, which is also its current one. */
export interface FunctionPublished extends EventPosition, Publication {
  kind: 'published'
  version: number
  publisher: string
}

/** A name now points to another of its versions. */
export interface CurrentChanged extends EventPosition {
  kind: 'current-changed'
  name: string
  /** 0: the current version was yanked and none stands in. */
  version: number
  previous: number
}

/** A version is not to be used any more. */
export interface VersionYanked extends EventPosition {
  kind: 'yanked'
  name: string
  version: number
  account: string
}

/** Somebody has built a version from its source and got its bytes. */
export interface VersionAttested extends EventPosition {
  kind: 'attested'
  name: string
  version: number
  verifier: string
  sha256: string
}

/** Who may publish under a name has changed, or is about to. */
export interface RightsChanged extends EventPosition {
  kind: 'ownership-offered' | 'ownership-transferred' | 'maintainer-added' | 'maintainer-removed'
  name: string
  /** The new owner, the one it is offered to, or the maintainer. */
  account: string
}

export type RegistryEvent =
  FunctionPublished | CurrentChanged | VersionYanked | VersionAttested | RightsChanged

/** A version with what the chain tells of it: one entry of a name's history. */
export interface VersionRecord extends RegisteredVersion {
  isCurrent: boolean
  /** Where it was published. */
  transactionHash: string
  blockNumber: number
  /** Addresses of those who have attested it. */
  attestedBy: string[]
}

/** What can be changed in a registry beside publishing. */
export type RegistryChange =
  | { kind: 'set-current' | 'yank'; name: string; version: number }
  | { kind: 'transfer-ownership'; name: string; to: string }
  | { kind: 'accept-ownership'; name: string }
  | { kind: 'add-maintainer' | 'remove-maintainer'; name: string; account: string }
  | { kind: 'attest'; name: string; version: number; sha256: string }

/** A change that the chain has accepted. */
export interface ChangeReceipt {
  transactionHash: string
  blockNumber: number
}

/** A name and the module that answers for it here. */
export interface ServedFunction {
  name: string
  cid: string
  version: number
  size: number
  options: FunctionOptions
  defaultExport?: string | undefined
}

export interface Invocation extends Told {
  /** A registered name or a CID. */
  target: string
  /** Absent: the default export. */
  export?: string
  input: Uint8Array
  /** By which whoever calls tells that two calls mean the same; the function has it as config. */
  idempotencyKey?: string | undefined
  /** The caller wants a receipt; `required`: and waits until it is on disk. */
  receipt?: 'wanted' | 'required' | undefined
}

/** An invocation that is resolved: what the runner is given. */
export interface ModuleCall extends Told {
  /** Whose vars it works on: a registered name, or the CID when called by it. */
  function: string
  cid: string
  export?: string | undefined
  /** What a call without an export means. */
  defaultExport?: string | undefined
  input: Uint8Array
  options: FunctionOptions
}

export interface Answer {
  output: Uint8Array
  /** CID of the module that answered. */
  cid: string
  export: string
  logs: LogLine[]
  durationMs: number
  /** Of a call that is traced. */
  host?: HostTrace | undefined
  /** Of a call that is recorded. */
  recording?: Recording | undefined
  /** CID of the receipt that it has left. */
  receipt?: string | undefined
}
