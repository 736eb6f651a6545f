// What was asked of a call until each of its stops: with the same answers of its host, the same comes to the same stop.

import type { DebugProtocol } from '@vscode/debugprotocol'
import type { StopEvent } from './running.ts'

export interface Visit {
  /** What was asked since the stop before, in order; the last of it made the call go on. */
  requests: DebugProtocol.Request[]
  /** `breakpoint`, `step` and so on, as DAP has them. */
  reason: string
  /** Tells it from other stops: where each frame stood. Absent: nobody has been there. */
  place?: string
}

/** How to come to an earlier stop. */
export interface Way {
  visits: Visit[]
  /** Breakpoints that were set after that stop, and count still. */
  settings: DebugProtocol.Request[]
}

/** Those that decide where a call stops. */
const settings = new Set(['setBreakpoints', 'setExceptionBreakpoints'])
const moves = new Set(['stopOnEntry', 'configurationDone', 'continue', 'next', 'stepIn', 'stepOut', 'pause'])

/** Where it runs to in one go. */
const marks = new Set(['breakpoint', 'exception', 'entry'])

export class Journal {
  #visits: Visit[] = []
  #since: DebugProtocol.Request[] = []

  note(request: DebugProtocol.Request): void {
    if (settings.has(request.command) || moves.has(request.command)) this.#since.push(request)
  }

  stopped({ body: { reason }, place }: StopEvent): void {
    this.#visits.push({ requests: this.#since, reason, place })
    this.#since = []
  }

  /**
   * To the stop before, or to the last one that was no step. A stop by *Pause* comes nowhere near twice, nor does what
   * came after it. `undefined` where the call began.
   */
  before(what: 'stop' | 'mark'): Way | undefined {
    const now = this.#visits.length - 1
    const paused = this.#visits.findIndex(({ requests }) =>
      requests.some(({ command }) => command === 'pause'),
    )
    const last = paused === -1 ? now : Math.min(now, paused)
    const at = this.#visits.findLastIndex(
      ({ reason }, place) => place < last && (what === 'stop' || marks.has(reason)),
    )
    const dropped = [...this.#visits.slice(at + 1).flatMap(({ requests }) => requests), ...this.#since]
    const kept = dropped.filter(({ command }) => settings.has(command))
    if (at >= 0) return { visits: this.#visits.slice(0, at + 1), settings: kept }
    if (last === 0 && this.#visits[0]?.reason === 'entry') return undefined
    const requests = [ask('stopOnEntry'), ...kept, ask('configurationDone')]
    return { visits: [{ requests, reason: 'entry' }], settings: [] }
  }

  /** That way was taken, and led to this stop. */
  rewind({ visits, settings: kept }: Way, { place }: StopEvent): void {
    this.#visits = visits.map((visit, at) => (at === visits.length - 1 ? { ...visit, place } : visit))
    this.#since = [...kept]
  }
}

export function ask(command: string): DebugProtocol.Request {
  return { seq: 0, type: 'request', command }
}
