// Breakpoints of an editor, bound to the module: lines with conditions, counts and messages.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { toWasmateError } from '../../base/errors.ts'
import { evaluate, holds, interpolate } from './evaluate.ts'
import type { Frame } from './frame.ts'
import type { Lines } from './lines.ts'
import type { Machine } from './machine.ts'

interface Breakpoint {
  id: number
  asked: DebugProtocol.SourceBreakpoint
  /** Where it is bound: an editor asks for it there the next time. */
  line: number
  offsets: number[]
  hits: number
}

/** In the editor's language. */
export interface BreakpointTexts {
  noCode: string
  otherFile: string
}

export class Breakpoints {
  readonly #machine: Machine
  readonly #lines: Lines
  readonly #texts: BreakpointTexts
  readonly #bySource = new Map<string, Breakpoint[]>()
  /** By offset: V8 refuses a second one at a place. */
  readonly #set = new Map<number, { id: string; at: number }>()
  /** Where the call begins, once. */
  #entry: number | undefined
  #made = 0
  #updated: Promise<void> = Promise.resolve()

  constructor(machine: Machine, lines: Lines, texts: BreakpointTexts) {
    this.#machine = machine
    this.#lines = lines
    this.#texts = texts
  }

  /** These take the place of all that the source had; one that it had already goes on counting. */
  async replace(
    source: string,
    asked: DebugProtocol.SourceBreakpoint[],
  ): Promise<DebugProtocol.Breakpoint[]> {
    const answers: DebugProtocol.Breakpoint[] = []
    const made: Breakpoint[] = []
    const before = this.#bySource.get(source) ?? []
    for (const each of asked) {
      const bound = this.#lines.bind(source, each.line)
      const id = ++this.#made
      if (!bound) {
        const message = this.#lines.has(source) ? this.#texts.noCode : this.#texts.otherFile
        answers.push({ id, verified: false, line: each.line, message })
        continue
      }
      const next = { id, asked: each, ...bound, hits: 0 }
      const known = before.find((other) => isSame(other, next))
      made.push({ ...next, hits: known?.hits ?? 0 })
      answers.push({ id, verified: true, line: bound.line })
    }
    this.#bySource.set(source, made)
    await this.#update()
    return answers
  }

  async setEntry(offset: number): Promise<void> {
    this.#entry = offset
    await this.#update()
  }

  /** True once. */
  async isEntry(offset: number): Promise<boolean> {
    const isThere = this.#entry !== undefined && this.#set.get(this.#entry)?.at === offset
    if (!isThere) return false
    this.#entry = undefined
    await this.#update()
    return true
  }

  /** Those at the offset for which to stop; what others have to say is said. */
  async stopsAt(offset: number, frame: Frame, say: (text: string) => void): Promise<number[]> {
    const stopping: number[] = []
    for (const each of this.#all()) {
      if (!each.offsets.some((own) => this.#set.get(own)?.at === offset)) continue
      try {
        if (await isDue(each, frame)) {
          if (each.asked.logMessage === undefined) stopping.push(each.id)
          else say(`${await interpolate(each.asked.logMessage, frame)}\n`)
        }
      } catch (error) {
        if (toWasmateError(error).code === 'CANCELLED') throw error
        // One that is wrong stops, as it would without: nobody waits for it in vain.
        const { condition, hitCondition } = each.asked
        const asked = [condition, hitCondition].filter((text) => text?.trim()).join(', ')
        say(`${asked}: ${error instanceof Error ? error.message : String(error)}\n`)
        stopping.push(each.id)
      }
    }
    return stopping
  }

  #all(): Breakpoint[] {
    return [...this.#bySource.values()].flat()
  }

  /** One after another: an editor asks for the next ones before it has heard of the last. */
  #update(): Promise<void> {
    const updated = this.#updated.then(() => this.#bind())
    this.#updated = updated.catch(() => undefined)
    return updated
  }

  async #bind(): Promise<void> {
    const wanted = new Set(this.#all().flatMap(({ offsets }) => offsets))
    if (this.#entry !== undefined) wanted.add(this.#entry)
    for (const [offset, { id }] of this.#set) {
      if (wanted.has(offset)) continue
      this.#set.delete(offset)
      await this.#machine.removeBreakpoint(id)
    }
    for (const offset of wanted) {
      if (!this.#set.has(offset)) this.#set.set(offset, await this.#machine.setBreakpoint(offset))
    }
  }
}

async function isDue(each: Breakpoint, frame: Frame): Promise<boolean> {
  const { condition, hitCondition } = each.asked
  if (condition !== undefined && condition.trim() !== '' && !(await holds(condition, frame))) return false
  each.hits++
  return hitCondition === undefined || hitCondition.trim() === '' || isCounted(hitCondition, each.hits, frame)
}

/** `3` from the third on, `>= 3`, `== 3`, `% 2`: every second. */
async function isCounted(condition: string, hits: number, frame: Frame): Promise<boolean> {
  const text = condition.trim()
  const isEvery = text.startsWith('%') && !/[=<>]/.test(text)
  const compared = /^\d+$/.test(text)
    ? `>= ${text}`
    : isEvery
      ? `${text} == 0`
      : text.replace(/^=(?!=)/, '==')
  const worth = await evaluate(`${hits} ${compared}`, frame)
  return 'scalar' in worth && Boolean(worth.scalar)
}

function isSame(one: Breakpoint, other: Breakpoint): boolean {
  const names = ['condition', 'hitCondition', 'logMessage'] as const
  return one.line === other.line && names.every((name) => one.asked[name] === other.asked[name])
}
