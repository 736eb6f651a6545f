// A case of a function under the debugger: a session of its own, and what its call came to.

import { randomUUID } from 'node:crypto'
import { type DebugSession, type Disposable, type TestRun, debug, workspace } from 'vscode'
import { WasmateError } from '../../base/errors.ts'
import type { CallReply } from '../../runner/messages.ts'
import { type Configurations, configure } from './configuration.ts'

export interface AskedCase {
  /** Of the function. */
  path: string
  /** Of the case. */
  name: string
  testRun: TestRun
  signal: AbortSignal
}

/** In the configuration of a session: by this whoever started it knows it. */
const idKey = 'caseSession'

/** What a session came to: the reply of its call, or why there was none. */
export type SessionOutcome = { reply: CallReply } | { error: unknown }

interface Waiting {
  signal: AbortSignal
  stop(): void
  /** A person has restarted it: what ends is not the last of it. */
  restarts: boolean
  outcome?: SessionOutcome | undefined
}

/** A session of a case as it begins, and each time that it is restarted. */
export interface BegunCase {
  tell(outcome: SessionOutcome): void
  restarts(): void
}

export class DebuggedCases {
  readonly #configurations: Configurations
  readonly #waiting = new Map<unknown, Waiting>()

  constructor(configurations: Configurations) {
    this.#configurations = configurations
  }

  /** Resolves when the session is over. Throws CANCELLED when it ends without an answer, and what preparing it throws. */
  async call({ path, name, testRun, signal }: AskedCase): Promise<CallReply> {
    if (!workspace.isTrusted) throw new WasmateError('WORKSPACE_UNTRUSTED')
    const found = await this.#configurations.find(undefined, path)
    if (signal.aborted) throw new WasmateError('CANCELLED')
    const id = randomUUID()
    const configuration = { ...configure(found), name: `${found.name}: ${name}`, case: name, [idKey]: id }
    const waiting: Waiting = { signal, stop: () => undefined, restarts: false }
    const stop = (): void => waiting.stop()
    this.#waiting.set(id, waiting)
    signal.addEventListener('abort', stop)
    try {
      const start = (): Thenable<boolean> =>
        debug.startDebugging(found.link.folder, configuration, { testRun })
      await untilOver(id, waiting, start)
    } finally {
      signal.removeEventListener('abort', stop)
      this.#waiting.delete(id)
    }
    const { outcome } = waiting
    if (!outcome) throw new WasmateError('CANCELLED')
    if ('error' in outcome) throw outcome.error
    return outcome.reply
  }

  /** Told of each session when it begins. Whoever waits for one is told by what this gives; `undefined`: nobody does. */
  begun(session: DebugSession): BegunCase | undefined {
    const waiting = this.#waiting.get(session.configuration[idKey])
    if (!waiting) return undefined
    waiting.restarts = false
    waiting.outcome = undefined
    waiting.stop = () => void debug.stopDebugging(session)
    if (waiting.signal.aborted) waiting.stop()
    return {
      tell: (outcome) => void (waiting.outcome = outcome),
      restarts: () => void (waiting.restarts = true),
    }
  }
}

async function untilOver(id: string, waiting: Waiting, start: () => Thenable<boolean>): Promise<void> {
  let listening: Disposable | undefined
  const over = new Promise<void>((resolve) => {
    listening = debug.onDidTerminateDebugSession(({ configuration }) => {
      if (configuration[idKey] === id && !waiting.restarts) resolve()
    })
    // Between the two of a restart there is no session that could be stopped.
    waiting.signal.addEventListener('abort', () => waiting.restarts && resolve(), { once: true })
  })
  try {
    // A short one is over before it counts as started.
    await Promise.race([over, Promise.resolve(start()).then((isStarted) => (isStarted ? over : undefined))])
  } finally {
    listening?.dispose()
  }
}
