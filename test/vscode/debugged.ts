// Debug sessions for tests in the editor: started as a person starts them, and looked at through VS Code's own API.

import assert from 'node:assert/strict'
import type { DebugProtocol } from '@vscode/debugprotocol'
import {
  type DebugConfiguration,
  type DebugSession,
  type Disposable,
  Location,
  Position,
  SourceBreakpoint,
  type Uri,
  debug,
  workspace,
} from 'vscode'
import { until } from '../helpers/until.ts'

export interface Seen {
  session: DebugSession
  /** Names of events with their bodies, in order. */
  events: { event: string; body: Record<string, unknown> }[]
  stopped: number
}

/** Follows all sessions until it is disposed of. */
export class Watched implements Disposable {
  readonly seen: Seen[] = []
  readonly ended: string[] = []
  readonly #around: Disposable[]

  constructor() {
    this.#around = [
      debug.registerDebugAdapterTrackerFactory('wasmate', {
        createDebugAdapterTracker: (session) => {
          const seen: Seen = { session, events: [], stopped: 0 }
          this.seen.push(seen)
          return {
            onDidSendMessage: ({
              type,
              event,
              body = {},
            }: {
              type: string
              event: string
              body?: object
            }) => {
              if (type === 'event') seen.events.push({ event, body: body as Record<string, unknown> })
            },
          }
        },
      }),
      debug.onDidTerminateDebugSession((session) => this.ended.push(session.id)),
    ]
  }

  dispose(): void {
    for (const each of this.#around) each.dispose()
  }

  get last(): Seen {
    const last = this.seen.at(-1)
    assert.ok(last, 'no session has begun')
    return last
  }

  /** The next stop of the last session that was not waited for yet. */
  async stop(): Promise<Record<string, unknown>> {
    const seen = this.last
    const stops = (): Seen['events'] => seen.events.filter(({ event }) => event === 'stopped')
    await until(async () => stops().length > seen.stopped, 'it stops')
    return stops()[seen.stopped++]?.body ?? {}
  }

  async end(): Promise<void> {
    const { session } = this.last
    await until(async () => this.ended.includes(session.id), 'the session ends')
  }

  async output(): Promise<string> {
    return this.last.events
      .filter(({ event }) => event === 'output')
      .map(({ body }) => String(body['output']))
      .join('')
  }
}

export async function start(configuration: Partial<DebugConfiguration>): Promise<boolean> {
  const [folder] = workspace.workspaceFolders ?? []
  return debug.startDebugging(folder, { type: 'wasmate', request: 'launch', name: 'test', ...configuration })
}

export interface Wanted {
  line: number
  condition?: string
  hitCondition?: string
  logMessage?: string
}

/** In the place of all that there are; lines count from 1. */
export function setBreakpoints(uri: Uri, wanted: Wanted[]): void {
  debug.removeBreakpoints(debug.breakpoints)
  debug.addBreakpoints(
    wanted.map(({ line, condition, hitCondition, logMessage }) => {
      const location = new Location(uri, new Position(line - 1, 0))
      return new SourceBreakpoint(location, true, condition, hitCondition, logMessage)
    }),
  )
}

export async function stack({ session }: Seen): Promise<DebugProtocol.StackFrame[]> {
  const asked = { threadId: 1, startFrame: 0, levels: 20 }
  const { stackFrames } = (await session.customRequest(
    'stackTrace',
    asked,
  )) as DebugProtocol.StackTraceResponse['body']
  // Where the host is a remote one, paths come back as its URIs.
  const plain = (path = ''): string => path.replace(/^vscode-remote:\/\/[^/]+/, '')
  return stackFrames.map((each) => ({ ...each, source: { ...each.source, path: plain(each.source?.path) } }))
}

/** Name and value of what is in a scope of a frame, `0` being the innermost. */
export async function variables({ session }: Seen, scope = 0, frame = 0): Promise<Record<string, string>> {
  const { scopes } = (await session.customRequest('scopes', {
    frameId: frame + 1,
  })) as DebugProtocol.ScopesResponse['body']
  const found = await read(session, scopes[scope]?.variablesReference ?? 0)
  return Object.fromEntries(found.map(({ name, value }) => [name, value]))
}

export async function read(
  session: DebugSession,
  variablesReference: number,
): Promise<DebugProtocol.Variable[]> {
  const answer = (await session.customRequest('variables', {
    variablesReference,
  })) as DebugProtocol.VariablesResponse['body']
  return answer.variables
}

export async function evaluate({ session }: Seen, expression: string): Promise<string> {
  const answer = (await session.customRequest('evaluate', {
    expression,
    frameId: 1,
  })) as DebugProtocol.EvaluateResponse['body']
  return answer.result
}

/** `next`, `stepIn`, `stepOut`, `continue`. */
export async function go({ session }: Seen, how: string): Promise<void> {
  await session.customRequest(how, { threadId: 1 })
}
