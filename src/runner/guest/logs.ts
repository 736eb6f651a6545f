// What a call logs: by level through Extism, line by line through stdout and stderr. Bounded.

import type { LogLine } from '../../host-trace.ts'

const maxLines = 1_000
const maxCharacters = 256 * 1024

export class Logs {
  #lines: LogLine[] = []
  #characters = 0
  #dropped = 0
  /** Bytes since the last newline, a stream each. */
  #unfinished: Record<'info' | 'error', Buffer> = { info: Buffer.alloc(0), error: Buffer.alloc(0) }

  add(level: LogLine['level'], message: string): void {
    const room = maxCharacters - this.#characters
    if (this.#lines.length >= maxLines || room <= 0) return void this.#dropped++
    const kept = message.length > room ? `${message.slice(0, room)}...` : message
    this.#characters += kept.length
    this.#lines.push({ level, message: kept })
  }

  /** Bytes of stdout (`info`) or stderr (`error`), in pieces of any size. */
  write(level: 'info' | 'error', bytes: Uint8Array): void {
    const pieces = Buffer.concat([this.#unfinished[level], bytes])
    let start = 0
    for (let end = pieces.indexOf(10); end !== -1; end = pieces.indexOf(10, start)) {
      this.add(level, pieces.toString('utf8', start, end))
      start = end + 1
    }
    const rest = pieces.subarray(start)
    if (rest.length <= maxCharacters) return void (this.#unfinished[level] = rest)
    this.add(level, rest.toString())
    this.#unfinished[level] = Buffer.alloc(0)
  }

  /** First line of stderr since the last `take`: where compilers say why a program gave up. */
  firstError(): string | undefined {
    this.#finishLines()
    return this.#lines.find(({ level }) => level === 'error')?.message
  }

  /** The whole lines since the last `take`, which still has them to take. */
  soFar(): LogLine[] {
    return [...this.#lines]
  }

  /** Everything since the last `take`. */
  take(): LogLine[] {
    this.#finishLines()
    const lines = this.#lines
    if (this.#dropped > 0)
      lines.push({ level: 'warn', message: `${this.#dropped} more log lines were dropped` })
    this.#lines = []
    this.#characters = 0
    this.#dropped = 0
    return lines
  }

  #finishLines(): void {
    for (const level of ['info', 'error'] as const) {
      if (this.#unfinished[level].length === 0) continue
      this.add(level, this.#unfinished[level].toString())
      this.#unfinished[level] = Buffer.alloc(0)
    }
  }
}
