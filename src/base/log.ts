// Lines with a time, a level and a part; where they go is the caller's choice.

import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
  /** The same log under a part's name. */
  for(part: string): Log
}

export type LogSink = (level: LogLevel, part: string, message: string) => void

export function createLog(sink: LogSink, part = 'wasmate'): Log {
  return {
    debug: (message) => sink('debug', part, message),
    info: (message) => sink('info', part, message),
    warn: (message) => sink('warn', part, message),
    error: (message) => sink('error', part, message),
    for: (name) => createLog(sink, name),
  }
}

export const silentLog: Log = createLog(() => undefined)

/** Appends to a file; `close` waits until all of it is written. */
export function openLogFile(path: string): { sink: LogSink; close(): Promise<void> } {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
  // A log that can't be written (a full disk) must not end what it reports on.
  stream.on('error', () => undefined)
  return {
    sink: (level, part, message) => void stream.write(formatLine(level, part, message)),
    close: async () => {
      stream.end()
      await finished(stream).catch(() => undefined)
    },
  }
}

function formatLine(level: LogLevel, part: string, message: string): string {
  return `${new Date().toISOString()} ${level.padEnd(5)} ${part}: ${message}\n`
}
