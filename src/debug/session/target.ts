// What a session is about, as whoever starts it finds out: a call, its module, and what is known of that.

import type { DebugInfo, DebugSymbols } from '../../debug-info.ts'
import type { CallReply } from '../../runner/messages.ts'
import type { DebuggedCall, DebuggedModule } from '../../runner/debuggee-messages.ts'

export interface DebugTarget {
  /** Of the function, for people. */
  name: string
  module: DebuggedModule
  call: DebuggedCall
  info: DebugInfo
  /** Texts of libraries, by their names. */
  libraries: DebugSymbols['libraries']
  /** Told before the call begins, in lines. */
  remarks: string[]
  /** What is to be said of what it came to: of a recorded call, whether that is what was recorded. */
  judge?: (reply: CallReply) => string
  /** Told what it came to. */
  answered?: (reply: CallReply) => Promise<void>
}

/** In the editor's language. */
export interface SessionTexts {
  locals: string
  globals: string
  library: string
  noCode: string
  otherFile: string
  notStopped: string
  trap: string
  trapFilter: string
  trapDescription: string
  refused: string
  goesBack: string
  wentBack: (stops: number, milliseconds: string) => string
  isAtBeginning: string
  answered: (milliseconds: string, bytes: number) => string
  failed: (code: string, detail: string) => string
}
