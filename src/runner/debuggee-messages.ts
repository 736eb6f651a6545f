// What passes between the thread that runs a debugged call and those who debug it.

import type { MessagePort } from 'node:worker_threads'
import type { HostTrace } from '../host-trace.ts'
import type { LogLine } from '../host-trace.ts'
import type { Script } from '../recording.ts'
import type { CallReply, HttpRequest, ThreadSettings } from './messages.ts'

/** The module that is debugged, and what its thread may use. */
export interface DebuggedModule {
  bytes: Uint8Array
  settings: ThreadSettings
}

/** The call that is debugged. */
export interface DebuggedCall {
  export: string
  input: Uint8Array
  config: Record<string, string>
  allowedHosts: string[]
  maxMemoryBytes: number
  /** Of the function, as they are before the call. */
  vars: Map<string, Uint8Array>
  /** It was recorded: this answers in the place of a host. */
  script?: Script
}

export interface DebuggeeData extends ThreadSettings {
  http: MessagePort
  wake: SharedArrayBuffer
  bytes: Uint8Array
}

/** Twice it is told to go on: when somebody listens to V8, and when the call is known. */
export type ToDebuggee = { kind: 'compile' } | { kind: 'run'; call: DebuggedCall }

export type DebuggeeMessage =
  | { kind: 'ready' }
  | { kind: 'compiled' }
  | { kind: 'http'; request: HttpRequest }
  | { kind: 'done'; reply: CallReply }

/** What is beside the module's own memory. */
export interface HostState {
  vars: { key: string; base64: string }[]
  config: Record<string, string>
  allowedHosts: string[]
  calls: HostTrace
  logs: LogLine[]
  /** What the function has left with error_set. */
  said?: string | undefined
}

/** Under this name the thread tells a debugger that has stopped it how its host stands: a call that gives JSON. */
export const inspectorName = 'wasmateDebuggee'
