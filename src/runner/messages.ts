// What the pool and its worker threads say to each other.

import type { MessagePort } from 'node:worker_threads'
import type { ErrorCode, StackFrame } from '../base/errors.ts'
import type { HostTrace, LogLine } from '../host-trace.ts'
import type { Divergence, Script } from '../recording.ts'
import type { AllowedPaths } from './guest/folders.ts'

/** What of the settings plugins see. */
export interface ThreadSettings {
  /** Module whose exports are the host functions that plugins may import. */
  hostFunctions?: string | undefined
  /** Folders that functions may use. */
  allowedPaths?: AllowedPaths | undefined
}

export interface ThreadData extends ThreadSettings {
  /** Where answers to http_request come while the thread stands still. */
  http: MessagePort
  /** One i32, woken when such an answer has come. */
  wake: SharedArrayBuffer
  /** What the thread has begun and finished. */
  ledger: SharedArrayBuffer
  /** What the call that is recorded was told by its host. */
  tape: SharedArrayBuffer
}

/** Calls of one instance, to be run one after the other. */
export interface BatchMessage {
  /** Names the instance within this thread. */
  instance: string
  /** Present when the thread has no such instance yet. */
  create?: { module: WebAssembly.Module; maxMemoryBytes: number }
  /** Instances to let go first. */
  drop: string[]
  /** A new instance for each call. */
  fresh: boolean
  config: Record<string, string>
  allowedHosts: string[]
  /** All vars of the function; absent when the instance has seen the last change. */
  vars?: Map<string, Uint8Array>
  /** Export of each call. */
  exports: string[]
  /** Which calls are traced, by place in the batch; absent when none is. */
  traced?: number[]
  /** Which are recorded; each has an instance of its own. */
  recorded?: number[]
  /** The one call of the batch is a replay, with this in the place of a host. */
  script?: Script
  /** Bytes of each call's input, which follow one another in `inputs`. */
  lengths: number[]
  inputs: Uint8Array
}

/** What a call changed: undefined stands for a var that was removed. */
export type VarChanges = Map<string, Uint8Array | undefined>

/** What is on a tape; `isFull`: not all of it fitted. */
export interface TapeCopy {
  bytes: Uint8Array
  isFull: boolean
  /** What the instance of the call took to make. */
  startMs: number
}

export interface Replayed {
  diverged?: Divergence
  /** Instructions that were run, where the module counts them. */
  fuel?: bigint | undefined
}

export interface CallReply {
  logs: LogLine[]
  durationMs: number
  /** Of a call that is traced. */
  host?: HostTrace | undefined
  /** Of a call that is recorded. */
  tape?: TapeCopy | undefined
  /** Of a replay. */
  replayed?: Replayed | undefined
  result: { ok: true; output: Uint8Array; changes?: VarChanges } | Failure
}

export interface Failure {
  ok: false
  code: ErrorCode
  detail: string
  /** Where it broke off, of one that did; offsets are of the module as it was compiled. */
  frames?: StackFrame[] | undefined
}

export interface HttpRequest {
  url: string
  method: string
  headers: Record<string, string>
  body?: Uint8Array
  allowedHosts: string[]
  maxBytes: number
}

export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  body: Uint8Array
}

export type HttpReply = { ok: true; answer: HttpAnswer } | { ok: false; code: ErrorCode; detail: string }

export type ThreadMessage =
  | { kind: 'ready' }
  | { kind: 'http'; request: HttpRequest }
  /** What does not fit into the ledger, by place in the batch. */
  | { kind: 'reply'; index: number; reply: CallReply }
  /** There is something in the ledger. */
  | { kind: 'progress' }
  /** The batch is over, or was stopped. */
  | { kind: 'done' }
