// A small client of the Debug Adapter Protocol, for sessions in this process; the host process is the real one.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { describe } from '../../src/base/errors.ts'
import { Hosts } from '../../src/debug/host/hosts.ts'
import type { DebugTarget, SessionTexts } from '../../src/debug/session/target.ts'
import { DebugSession } from '../../src/debug/session/session.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'

const module = (name: string): URL => new URL(`../../dist/${name}.mjs`, import.meta.url)
const modules = { host: module('debug-host'), debuggee: module('debuggee') }

type Body = Record<string, unknown>

interface Event extends DebugProtocol.Event {
  body?: Body
}

interface Response extends DebugProtocol.Response {
  body?: Body & { error?: { format: string } }
}

const texts: SessionTexts = {
  ...{ locals: 'Locals', globals: 'Globals', library: 'library', noCode: 'no code', otherFile: 'other file' },
  ...{ notStopped: 'it runs', trap: 'Trap', trapFilter: 'Traps', trapDescription: '', refused: 'refused' },
  ...{ goesBack: 'Going back', isAtBeginning: 'the call begins here' },
  wentBack: (stops, milliseconds) => `went back to stop ${stops} in ${milliseconds} ms`,
  answered: (_milliseconds, bytes) => `answered ${bytes} bytes`,
  failed: (code, detail) => `failed ${code} ${detail}`,
}

export class DebugClient {
  readonly session: DebugSession
  readonly events: { event: string; body: Body }[] = []
  readonly #waiting = new Map<number, (response: Response) => void>()
  #seq = 0
  #stops = 0

  constructor(target: DebugTarget) {
    this.session = new DebugSession({
      ...{ hosts: new Hosts(modules), texts, say: describe },
      showsFailure: true,
      prepare: async () => target,
      send: (message) => this.#receive(message),
    })
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'event') {
      const { event, body = {} } = message as Event
      this.events.push({ event, body })
    } else this.#waiting.get((message as DebugProtocol.Response).request_seq)?.(message as Response)
  }

  /** Throws the words of a refusal. */
  async ask(command: string, given: object = {}): Promise<Body> {
    const seq = ++this.#seq
    const answered = new Promise<Response>((resolve) => this.#waiting.set(seq, resolve))
    void this.session.receive({ seq, type: 'request', command, arguments: given } as DebugProtocol.Request)
    const { success, body = {}, message } = await answered
    if (!success) throw new Error(body.error?.format ?? message)
    return body
  }

  /** As an editor begins: breakpoints are set before the call. */
  async launch(
    breakpoints: { path: string; lines: DebugProtocol.SourceBreakpoint[] }[],
    given: object = {},
  ): Promise<void> {
    await this.ask('initialize')
    await this.ask('launch', given)
    for (const { path, lines } of breakpoints) {
      await this.ask('setBreakpoints', { source: { path }, breakpoints: lines })
    }
    await this.ask('setExceptionBreakpoints', { filters: ['trap'] })
    await this.ask('configurationDone')
  }

  /** The next stop that was not waited for yet: why, and where. */
  async stop(): Promise<string> {
    const stops = (): Body[] => this.named('stopped')
    await until(async () => stops().length > this.#stops, 'it stops')
    const { reason } = stops()[this.#stops++] ?? {}
    const [top] = await this.stack()
    return `${String(reason)} ${top?.line}`
  }

  named(event: string): Body[] {
    return this.events.filter((each) => each.event === event).map(({ body }) => body)
  }

  async stack(): Promise<DebugProtocol.StackFrame[]> {
    return (await this.ask('stackTrace', { threadId: 1 }))['stackFrames'] as DebugProtocol.StackFrame[]
  }

  async value(expression: string): Promise<string> {
    return String((await this.ask('evaluate', { expression, frameId: 1 }))['result'])
  }

  get output(): string {
    return this.named('output')
      .map(({ output }) => String(output))
      .join('')
  }

  async over(): Promise<void> {
    await until(async () => this.named('terminated').length === 1, 'the session ends')
  }
}

/** Nothing of it is left when the test ends. */
export function debug(t: TestContext, target: DebugTarget): DebugClient {
  const client = new DebugClient(target)
  undoAfter(t, async () => {
    await client.session.end()
    const { hostPid } = client.session
    assert.throws(() => process.kill(hostPid ?? 0, 0), /ESRCH/)
  })
  return client
}
