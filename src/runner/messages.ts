// What the pool and its worker threads say to each other.

import type { MessagePort } from 'node:worker_threads'
import type { ErrorCode } from '../base/errors.ts'
import type { HostTrace } from '../host-trace.ts'
import type { LogLine } from '../model.ts'
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
  /** Bytes of each call's input, which follow one another in `inputs`. */
  lengths: number[]
  inputs: Uint8Array
}

/** What a call changed: undefined stands for a var that was removed. */
export type VarChanges = Map<string, Uint8Array | undefined>

export interface CallReply {
  logs: LogLine[]
  durationMs: number
  /** Of a call that is traced. */
  host?: HostTrace | undefined
  result:
    { ok: true; output: Uint8Array; changes?: VarChanges } | { ok: false; code: ErrorCode; detail: string }
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
