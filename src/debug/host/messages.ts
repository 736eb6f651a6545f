// What passes between a debugger and the process that runs the call for it.

import type { Problem } from '../../base/errors.ts'
import type { CallReply } from '../../runner/messages.ts'
import type { DebuggedCall, DebuggedModule } from '../../runner/debuggee-messages.ts'

/** A message of V8's inspector: a name of its protocol, and what it takes or gives. */
export interface Inspected {
  method: string
  params: Record<string, unknown>
}

export type ToHost =
  /** Compiles, and answers `compiled`. `debuggee` is the URL of the thread's module. */
  | { kind: 'load'; debuggee: string; module: DebuggedModule }
  | { kind: 'run'; call: DebuggedCall }
  | ({ kind: 'ask'; id: number } & Inspected)

export type FromHost =
  | { kind: 'compiled' }
  | { kind: 'failed'; problem: Problem }
  | { kind: 'done'; reply: CallReply }
  | { kind: 'answer'; id: number; result?: unknown; error?: string }
  | ({ kind: 'event' } & Inspected)
