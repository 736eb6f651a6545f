// A module that stands still: its frames and their variables, until it goes on.

import type { DebugProtocol } from '@vscode/debugprotocol'
import { basename } from 'node:path'
import { Refusal } from '../refusal.ts'
import { Frame } from './frame.ts'
import { type Lines, isLibrary } from './lines.ts'
import type { CallFrame, Machine } from './machine.ts'
import { keepRead } from '../values/memory.ts'
import { type VariableTexts, Variables } from './variables.ts'

export interface StopOptions {
  machine: Machine
  lines: Lines
  texts: VariableTexts & { library: string; notStopped: string }
  /** Gives what an editor asks for the text of a library by. */
  referToLibrary: (source: string) => number
}

export class Stop {
  readonly frames: Frame[]
  readonly variables: Variables
  readonly #options: StopOptions

  constructor(calls: readonly CallFrame[], options: StopOptions) {
    const { machine, lines } = options
    this.#options = options
    this.variables = new Variables(options.texts)
    const [top] = calls
    const read = keepRead(async (address, length) =>
      top ? machine.read(top, address, length) : new Uint8Array(),
    )
    const frames = calls.map((call) => {
      return new Frame(call, lines.functionAt(call.location.columnNumber), machine, lines.info, read)
    })
    // What it stands in is there whatever that is.
    this.frames = frames.filter((frame, place) => place === 0 || !frame.function?.isStub)
  }

  /** Frames have the numbers of their places, from 1. */
  frame(id: number | undefined): Frame | undefined {
    return this.frames[(id ?? 1) - 1]
  }

  list({ startFrame = 0, levels }: DebugProtocol.StackTraceArguments): DebugProtocol.StackFrame[] {
    const shown = this.frames.slice(startFrame, levels ? startFrame + levels : undefined)
    return shown.map((frame, place) => this.#describe(frame, startFrame + place + 1))
  }

  /** Where the innermost code of the function itself is: not that of a library. */
  where(): { source: string; line: number } | undefined {
    const { lines } = this.#options
    for (const { offset } of this.frames) {
      const row = lines.nearestRowAt(offset)
      const source = row && lines.sourceOf(row)
      if (row && source !== undefined && !isLibrary(source)) return { source, line: row.line }
    }
    return undefined
  }

  /** Tells it from other stops of the same call. */
  get place(): string {
    return this.frames.map(({ offset }) => offset).join(' ')
  }

  async evaluate({
    expression,
    frameId,
  }: DebugProtocol.EvaluateArguments): Promise<DebugProtocol.EvaluateResponse['body'] | undefined> {
    const frame = this.frame(frameId)
    return frame && this.variables.evaluate(expression, frame)
  }

  async readMemory({
    memoryReference,
    offset = 0,
    count,
  }: DebugProtocol.ReadMemoryArguments): Promise<DebugProtocol.ReadMemoryResponse['body']> {
    const [frame] = this.frames
    const address = Math.max(0, Number(memoryReference) + offset)
    const bytes = frame ? await this.#options.machine.read(frame.call, address, count) : new Uint8Array()
    const unreadableBytes = count - bytes.length
    const data = Buffer.from(bytes).toString('base64')
    return { address: `0x${address.toString(16)}`, data, ...(unreadableBytes > 0 && { unreadableBytes }) }
  }

  /** What is beside the variables: for the view next to them. */
  async hostState(): Promise<object> {
    const { machine, texts } = this.#options
    const [frame] = this.frames
    if (!frame) throw new Refusal(texts.notStopped)
    const [state, memoryBytes] = await Promise.all([
      machine.hostState(frame.call),
      machine.memorySize(frame.call),
    ])
    return { ...state, memoryBytes }
  }

  #describe({ offset, function: within, call }: Frame, id: number): DebugProtocol.StackFrame {
    const { lines } = this.#options
    const row = lines.nearestRowAt(offset)
    const name = within?.name ?? call.functionName
    const instructionPointerReference = `0x${offset.toString(16)}`
    if (!row) return { id, name, line: 0, column: 0, presentationHint: 'subtle', instructionPointerReference }
    const { line, column } = row
    return {
      id,
      name,
      line,
      column,
      source: this.#sourceOf(lines.sourceOf(row)),
      instructionPointerReference,
    }
  }

  #sourceOf(path: string): DebugProtocol.Source {
    if (!isLibrary(path)) return { name: basename(path), path }
    const { referToLibrary, texts } = this.#options
    const sourceReference = referToLibrary(path)
    return { name: path, path, sourceReference, presentationHint: 'deemphasize', origin: texts.library }
  }
}
