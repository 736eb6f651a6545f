// What passes between a running emulator and a debugger.

import type { ErrorCode } from '../base/errors.ts'
import type { DebugSymbols } from '../debug-info.ts'
import type { LogLine } from '../host-trace.ts'
import type { FunctionOptions } from '../model.ts'
import type { Digest } from '../recording.ts'
import type { ThreadSettings } from '../runner/messages.ts'

/** A function for a debugger: its module, what is known of that, and what its calls are given. */
export interface DebugBuild {
  name: string
  folder: string
  entry: string
  language: string
  exports: string[]
  defaultExport?: string
  options: FunctionOptions
  /** The module. */
  base64: string
  /** Where they are not in the module itself. */
  symbols?: DebugSymbols
  /** As they are now; values in base64. */
  vars: [key: string, base64: string][]
  settings: ThreadSettings
}

export interface DebugReceiptRequest {
  /** Its CID; else the number of a call in the history. */
  receipt?: string | undefined
  invocation?: number | undefined
  /** The source to debug it in; absent: the workspace's function of its name. */
  path?: string | undefined
}

/** A call that left a receipt, for a debugger. */
export interface RecordedCall {
  /** CID. */
  receipt: string
  /** With config and hosts as the call had them. */
  build: DebugBuild
  /**
   * What is debugged: the source, which builds to the module that ran, the source, which builds to something else by
   * now, or that module itself, as there is no source.
   */
  module: 'same' | 'changed' | 'recorded'
  export: string
  /** The input. */
  base64: string
  /** What answers in the place of a host: a Script, as `printRecorded` gives it. */
  script: string
  /** Why it may come to something else. */
  unfaithful: string[]
  came: { output: Digest } | { problem: { code: ErrorCode; detail: string } }
}

/** A call that waits for the answer of a debugger. */
export interface InterceptedCall {
  id: string
  /** Absent: the default export. */
  export?: string
  /** The input. */
  base64: string
}

export interface DebugAnswer {
  id: string
  export: string
  durationMs: number
  logs: LogLine[]
  result: { ok: true; base64: string } | { ok: false; code: ErrorCode; detail: string }
}
