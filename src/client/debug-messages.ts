// What passes between a running emulator and a debugger.

import type { ErrorCode } from '../base/errors.ts'
import type { DebugSymbols } from '../debug-info.ts'
import type { LogLine } from '../host-trace.ts'
import type { FunctionOptions } from '../model.ts'
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
