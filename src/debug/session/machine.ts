// The module under the inspector: stopped, stepped, read. Offsets count from the beginning of the module.

import { toWasmateError } from '../../base/errors.ts'
import { type HostState, inspectorName } from '../../runner/debuggee-messages.ts'
import type { HostProcess } from '../host/process.ts'

/** Of V8's protocol, the parts that are read here. */
export interface PausedEvent {
  reason: string
  callFrames: CallFrame[]
  hitBreakpoints?: string[]
  data?: { description?: string; className?: string }
}

export interface CallFrame {
  callFrameId: string
  functionName: string
  location: { scriptId: string; columnNumber: number }
}

/** The value of a local or global, as WebAssembly has it. */
export interface WasmValue {
  type: string
  text: string
}

export class Machine {
  readonly #host: Pick<HostProcess, 'ask'>
  readonly #scriptId: string

  constructor(host: Pick<HostProcess, 'ask'>, scriptId: string) {
    this.#host = host
    this.#scriptId = scriptId
  }

  /** Those of the module; what the host does between them is not shown. */
  framesOf({ callFrames }: PausedEvent): CallFrame[] {
    return callFrames.filter(({ location }) => location.scriptId === this.#scriptId)
  }

  isIn({ location }: CallFrame): boolean {
    return location.scriptId === this.#scriptId
  }

  /** Gives its id, and the offset where the machine will stop: that of the next instruction. */
  async setBreakpoint(offset: number): Promise<{ id: string; at: number }> {
    const location = { scriptId: this.#scriptId, lineNumber: 0, columnNumber: offset }
    const { breakpointId, actualLocation } = await this.#host.ask<{
      breakpointId: string
      actualLocation: CallFrame['location']
    }>('Debugger.setBreakpoint', { location })
    return { id: breakpointId, at: actualLocation.columnNumber }
  }

  async removeBreakpoint(breakpointId: string): Promise<void> {
    await this.#host.ask('Debugger.removeBreakpoint', { breakpointId })
  }

  async resume(): Promise<void> {
    await this.#go('Debugger.resume')
  }

  async pause(): Promise<void> {
    await this.#host.ask('Debugger.pause')
  }

  /** What lies in the ranges is passed without a stop. */
  async step(
    how: 'over' | 'into' | 'out',
    passed: readonly [start: number, end: number][] = [],
  ): Promise<void> {
    const at = (columnNumber: number) => ({ lineNumber: 0, columnNumber })
    const skipList = passed.map(([start, end]) => {
      return { scriptId: this.#scriptId, start: at(start), end: at(end) }
    })
    const method = { over: 'Debugger.stepOver', into: 'Debugger.stepInto', out: 'Debugger.stepOut' }[how]
    await this.#go(method, how === 'out' ? {} : { skipList })
  }

  async locals(frame: CallFrame): Promise<WasmValue[]> {
    return (await this.#evaluate(frame, listed('locals'))) as WasmValue[]
  }

  async globals(frame: CallFrame): Promise<WasmValue[]> {
    return (await this.#evaluate(frame, listed('globals'))) as WasmValue[]
  }

  async memorySize(frame: CallFrame): Promise<number> {
    return (await this.#evaluate(frame, 'memories[0]?.buffer.byteLength ?? 0')) as number
  }

  /** As many of these bytes as there are. */
  async read(frame: CallFrame, address: number, length: number): Promise<Uint8Array> {
    const bytes = `(memory => memory ? Buffer.from(memory.buffer.slice(${address}, ${address + length})).toString('base64') : '')`
    return Buffer.from((await this.#evaluate(frame, `${bytes}(memories[0])`)) as string, 'base64')
  }

  async hostState(frame: CallFrame): Promise<HostState> {
    return JSON.parse((await this.#evaluate(frame, `globalThis.${inspectorName}()`)) as string) as HostState
  }

  /** The call may be over, and its host ended, before V8 answers that it goes on. */
  async #go(method: string, params: Record<string, unknown> = {}): Promise<void> {
    try {
      await this.#host.ask(method, params)
    } catch (error) {
      if (toWasmateError(error).code !== 'CANCELLED') throw error
    }
  }

  /** Evaluated where V8 has `locals`, `globals` and `memories` of the instance. */
  async #evaluate({ callFrameId }: CallFrame, expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#host.ask<{
      result: { value: unknown; description?: string }
      exceptionDetails?: object
    }>('Debugger.evaluateOnCallFrame', { callFrameId, expression, returnByValue: true, silent: true })
    if (exceptionDetails) throw new Error(result.description ?? expression)
    return result.value
  }
}

function listed(proxy: 'locals' | 'globals'): string {
  return `(values => { const list = []; for (let at = 0; values[at] !== undefined; at++) list.push({ type: String(values[at].type ?? 'i32'), text: String(values[at].value ?? values[at]) }); return list })(${proxy})`
}
