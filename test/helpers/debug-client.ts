// An editor's side of the Debug Adapter Protocol, on a session with the real host process.

import { setTimeout as delay } from 'node:timers/promises'
import type { DebugProtocol } from '@vscode/debugprotocol'
import type { TestContext } from 'node:test'
import { describe } from '../../src/base/errors.ts'
import { readDebugInfo } from '../../src/debug/info/info.ts'
import { Hosts } from '../../src/debug/host/hosts.ts'
import type { DebugTarget, SessionTexts } from '../../src/debug/session/target.ts'
import { DebugSession } from '../../src/debug/session/session.ts'
import { undoAfter } from './undo.ts'

const texts: SessionTexts = {
  ...{ locals: 'Locals', globals: 'Globals', library: 'library', noCode: 'no code', otherFile: 'other file' },
  ...{
    notStopped: 'not stopped',
    trap: 'trap',
    trapFilter: 'Traps',
    trapDescription: '',
    refused: 'refused',
  },
  ...{ goesBack: 'goes back', isAtBeginning: 'at the beginning' },
  wentBack: (stops, ms) => `went back ${stops} in ${ms}`,
  answered: (ms, bytes) => `answered ${bytes} in ${ms}`,
  failed: (code, detail) => `${code}: ${detail}`,
}

const dist = new URL('../../dist/', import.meta.url)
export const debugHostModules = {
  host: new URL('debug-host.mjs', dist),
  debuggee: new URL('debuggee.mjs', dist),
}

/** A call of the module, with a var, a config and an allowed host; `info` is what its own bytes tell. */
export function debugTarget(bytes: Uint8Array, name: string, input = ''): DebugTarget {
  const call = { export: name, input: Buffer.from(input), maxMemoryBytes: 1 << 24 }
  const vars = new Map([['kept', Buffer.from('as it was')]])
  return {
    ...{ name, libraries: {}, remarks: [], module: { bytes, settings: {} } },
    call: { ...call, config: { mode: 'test' }, allowedHosts: ['example.org'], vars },
    info: readDebugInfo(bytes, '/'),
  }
}

export interface Stopped {
  reason: string
  text?: string
}

export class DebugClient {
  readonly events: DebugProtocol.Event[] = []
  /** What an editor shows as notifications. */
  readonly notified: string[] = []
  readonly #session: DebugSession
  readonly #answers = new Map<number, (answer: DebugProtocol.Response) => void>()
  #sequence = 0
  #seen = 0
  #heard: () => void = () => undefined

  constructor(t: TestContext, target: DebugTarget | (() => Promise<DebugTarget>)) {
    this.#session = new DebugSession({
      ...{ hosts: new Hosts(debugHostModules), texts, showsFailure: true },
      prepare: async () => (typeof target === 'function' ? target() : target),
      say: (error) => `Something went wrong: ${describe(error)}`,
      send: (message) => this.#receive(message),
    })
    undoAfter(t, () => this.#session.end())
  }

  /** Throws what the session refuses with. */
  async ask<Body = Record<string, unknown>>(command: string, args: object = {}): Promise<Body> {
    const seq = ++this.#sequence
    const answered = new Promise<DebugProtocol.Response>((resolve) => this.#answers.set(seq, resolve))
    await this.#session.receive({ type: 'request', seq, command, arguments: args } as DebugProtocol.Request)
    const {
      success,
      message = '',
      body,
    } = (await answered) as { success: boolean; message?: string; body: unknown }
    if (success) return body as Body
    const { format = '', showUser } = (body as { error: DebugProtocol.Message }).error
    if (showUser) this.notified.push(format)
    throw new Error(`${message}: ${format}`)
  }

  /** Up to the first stop, or to the end. */
  async launch(
    source: string,
    breakpoints: DebugProtocol.SourceBreakpoint[] = [],
    configuration: object = {},
  ): Promise<DebugProtocol.Breakpoint[]> {
    await this.ask('initialize', { adapterID: 'wasmate' })
    const launched = this.ask('launch', configuration)
    launched.catch(() => undefined)
    await this.event('initialized')
    const set = await this.setBreakpoints(source, breakpoints)
    await this.ask('configurationDone')
    await launched
    return set
  }

  async setBreakpoints(
    path: string,
    breakpoints: DebugProtocol.SourceBreakpoint[],
  ): Promise<DebugProtocol.Breakpoint[]> {
    const asked = { source: { path }, breakpoints }
    return (await this.ask<DebugProtocol.SetBreakpointsResponse['body']>('setBreakpoints', asked)).breakpoints
  }

  /** The next event of the name that was not waited for yet. */
  async event(name: string): Promise<Record<string, unknown>> {
    for (;;) {
      const at = this.events.findIndex(({ event }, place) => place >= this.#seen && event === name)
      const found = this.events[at]
      if (found) {
        this.#seen = at + 1
        return (found.body ?? {}) as Record<string, unknown>
      }
      await new Promise<void>((resolve) => (this.#heard = resolve))
    }
  }

  async stop(): Promise<Stopped> {
    return (await this.event('stopped')) as unknown as Stopped
  }

  /** `next`, `stepIn`, `stepOut` or `continue`, up to the stop that it leads to. */
  async go(how: string): Promise<Stopped> {
    await this.ask(how, { threadId: 1 })
    return this.stop()
  }

  /** `name line` of each frame, innermost first. */
  async stack(): Promise<string[]> {
    const { stackFrames } = await this.ask<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: 1,
    })
    return stackFrames.map(({ name, line }) => `${name} ${line}`)
  }

  async variables(scope = 0, frame = 0): Promise<Record<string, string>> {
    const asked = { frameId: frame + 1 }
    const { scopes } = await this.ask<DebugProtocol.ScopesResponse['body']>('scopes', asked)
    return this.parts(scopes[scope]?.variablesReference ?? 0)
  }

  async parts(variablesReference: number): Promise<Record<string, string>> {
    const asked = { variablesReference }
    const { variables } = await this.ask<DebugProtocol.VariablesResponse['body']>('variables', asked)
    return Object.fromEntries(variables.map(({ name, value }) => [name, value]))
  }

  /** What it is worth, or why it is worth nothing. */
  async evaluate(expression: string): Promise<string> {
    const asked = { expression, frameId: 1 }
    const worth = this.ask<DebugProtocol.EvaluateResponse['body']>('evaluate', asked)
    return worth.then(
      ({ result }) => result,
      (error: Error) => error.message,
    )
  }

  get output(): string {
    const told = this.events.filter(({ event }) => event === 'output')
    return told.map(({ body }) => (body as { output: string }).output).join('')
  }

  /** The bodies of all events of the name. */
  named(name: string): unknown[] {
    return this.events.filter(({ event }) => event === name).map(({ body }) => body as unknown)
  }

  get hostPid(): number {
    return this.#session.hostPid ?? 0
  }

  /** Resolves when no process is left, nor one that was to be the next host. */
  async hostIsGone(): Promise<void> {
    while (process.getActiveResourcesInfo().includes('ProcessWrap')) await delay(5)
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'event') {
      this.events.push(message as DebugProtocol.Event)
      this.#heard()
      return
    }
    const answer = message as DebugProtocol.Response
    this.#answers.get(answer.request_seq)?.(answer)
  }
}
