// Steps by lines, of a machine that steps by instructions; by functions, of a module that tells no lines.

import { type Lines, isLibrary } from './lines.ts'
import type { CallFrame, Machine } from './machine.ts'

export type StepKind = 'over' | 'in' | 'out'

interface Step {
  kind: StepKind
  /** How many frames there were. */
  depth: number
  line: number
  source: number
  /** It begins in code of a library: there it goes through such code line by line. */
  isInLibrary: boolean
}

export class Stepping {
  readonly #machine: Machine
  readonly #lines: Lines
  #step: Step | undefined

  constructor(machine: Machine, lines: Lines) {
    this.#machine = machine
    this.#lines = lines
  }

  get isUnderWay(): boolean {
    return this.#step !== undefined
  }

  cancel(): void {
    this.#step = undefined
  }

  async begin(wanted: StepKind, frames: readonly CallFrame[]): Promise<void> {
    const [top] = frames
    // Where there is no next line, over it is out of it.
    const kind = wanted === 'over' && !this.#hasLines ? 'out' : wanted
    // Code that no line stands for, as what a call comes back to, is of the line that is shown for it.
    const row = top && this.#lines.nearestRowAt(offsetOf(top))
    const isInLibrary = row !== undefined && isLibrary(this.#lines.sourceOf(row))
    const from = { line: row?.line ?? 0, source: row?.source ?? -1, isInLibrary }
    this.#step = { kind, depth: frames.length, ...from }
    await this.#go(kind, top)
  }

  /**
   * To be called at each stop of the machine; true when the step is done. `isInModule`: and not in what the module has
   * called of its host.
   */
  async isDone(frames: readonly CallFrame[], isInModule: boolean): Promise<boolean> {
    const step = this.#step
    const [top] = frames
    if (!step) return true
    if (!top || !isInModule) {
      // The call is over, or the host works for it.
      if (top) await this.#machine.step('out')
      else await this.#machine.resume()
      return false
    }
    const next = this.#next(step, frames.length, offsetOf(top))
    if (next === 'done') {
      this.#step = undefined
      return true
    }
    await this.#go(next, top)
    return false
  }

  #next(step: Step, depth: number, offset: number): StepKind | 'done' {
    const row = this.#lines.rowAt(offset)
    const within = this.#lines.functionAt(offset)
    const isForeign = within === undefined || (this.#hasLines && this.#lines.isForeign(within))
    // What a compiler has put in place of a call belongs to the line that calls.
    const isInlined = row !== undefined && isLibrary(this.#lines.sourceOf(row)) && !step.isInLibrary
    if (depth > step.depth) {
      if (step.kind !== 'in') return 'out'
      if (within?.isStub) return 'in'
      if (isForeign) return 'out'
      return this.#hasLines && (offset < within.body || !row || isInlined) ? 'over' : 'done'
    }
    if (depth < step.depth && isForeign) return 'out'
    if (depth < step.depth) return isInlined ? 'over' : 'done'
    if (step.kind === 'out') return 'out'
    const isSame = !row || (row.line === step.line && row.source === step.source)
    return isSame || isInlined ? step.kind : 'done'
  }

  /** The rest of the line; where a function is all on one line, what sets it up alone. */
  #passed(offset: number): [start: number, end: number][] {
    const within = this.#lines.functionAt(offset)
    const ranges = this.#lines.lineRanges(offset)
    const [first, ...others] = ranges
    const isAll = within !== undefined && others.length === 0 && first?.[1] === within.end
    return isAll && offset < within.body ? [[within.start, within.body]] : ranges
  }

  get #hasLines(): boolean {
    return this.#lines.info.rows.length > 0
  }

  async #go(kind: StepKind, top: CallFrame | undefined): Promise<void> {
    if (kind === 'out') return this.#machine.step('out')
    const ranges = top ? this.#passed(offsetOf(top)) : []
    await this.#machine.step(kind === 'in' ? 'into' : 'over', kind === 'in' ? [] : ranges)
  }
}

function offsetOf({ location }: CallFrame): number {
  return location.columnNumber
}
