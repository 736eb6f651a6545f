// A client of a running emulator's control API.

import { WasmateError, describe, fromProblem, isAbort, type Problem } from '../base/errors.ts'
import { lockHolder } from '../base/disk/lock.ts'
import { orAborted } from '../base/pause.ts'
import type { ListedFunction } from '../model.ts'
import { type EmulatorState, type Workspace, readEmulatorState } from '../workspace.ts'
import type {
  EmulatorStatus,
  ListRequest,
  StreamContext,
  StreamEvent,
  StreamName,
  Streams,
} from './messages.ts'

/** How long an emulator may take to say a word. */
const answerWithinMs = 5_000

/**
 * Throws EMULATOR_NOT_RUNNING when none runs for the workspace, EMULATOR_STARTING when one is on its way. The lock
 * tells, and not the state file: a process that was killed leaves that behind, with ports that are others' by now.
 */
export async function attach(workspace: Workspace, signal?: AbortSignal): Promise<ControlClient> {
  const holder = await lockHolder(workspace.lock)
  if (!holder) throw new WasmateError('EMULATOR_NOT_RUNNING', workspace.folder)
  const state = await readEmulatorState(workspace)
  if (state?.pid !== holder.pid) throw new WasmateError('EMULATOR_STARTING', `process ${holder.pid}`)
  const client = new ControlClient(state)
  await client.status(signal)
  return client
}

export class ControlClient {
  readonly state: EmulatorState

  constructor(state: EmulatorState) {
    this.state = state
  }

  async status(signal?: AbortSignal): Promise<EmulatorStatus> {
    return this.#soon(signal, async (limit) => {
      return (await this.#ask('/status', { signal: limit })).json() as Promise<EmulatorStatus>
    })
  }

  async list({ offset, limit, network }: ListRequest, signal?: AbortSignal): Promise<ListedFunction[]> {
    const query = new URLSearchParams({ offset: `${offset}`, limit: `${limit}`, ...(network && { network }) })
    const response = await this.#ask(`/functions?${query.toString()}`, signal && { signal })
    const { functions } = (await response.json()) as { functions: ListedFunction[] }
    return functions
  }

  /** Answers when the emulator has begun to stop. */
  async stop(signal?: AbortSignal): Promise<void> {
    await this.#soon(signal, (limit) => this.#ask('/stop', { method: 'POST', signal: limit }))
  }

  /** Asks for what takes long; steps and progress go to the context as they happen. Throws what the emulator says. */
  async stream<Name extends StreamName>(
    name: Name,
    request: Streams[Name]['request'],
    { signal, step, report }: StreamContext<Name>,
  ): Promise<Streams[Name]['result']> {
    const response = await this.#ask(`/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      ...(signal && { signal }),
    })
    for await (const event of untilItEnds(readEvents<Name>(response), signal)) {
      if (event.type === 'result') return event.result
      if (event.type === 'error') throw fromProblem(event.problem)
      if (event.type === 'step') step?.(event.step)
      if (event.type === 'progress') report?.(event.progress)
    }
    throw new WasmateError('EMULATOR_NOT_RUNNING', endedMeanwhile)
  }

  /** Not AbortSignal.any with a timeout: Node 20 collects that as garbage, and waits for ever. */
  async #soon<T>(signal: AbortSignal | undefined, ask: (limit: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController()
    const asked = ask(limit.signal)
    asked.catch(() => undefined)
    let stopWaiting = (): void => undefined
    const over = new Promise<never>((_resolve, reject) => {
      const late = (): void => {
        const detail = `process ${this.state.pid} does not answer within ${answerWithinMs / 1000} s`
        reject(new WasmateError('EMULATOR_NOT_RUNNING', detail))
        limit.abort()
      }
      const abort = (): void => {
        reject(new WasmateError('CANCELLED'))
        limit.abort()
      }
      const timer = setTimeout(late, answerWithinMs)
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort)
      stopWaiting = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
    })
    return Promise.race([asked, over]).finally(() => stopWaiting())
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const { urls, token, pid } = this.state
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      authorization: `Bearer ${token}`,
    }
    const response = await fetch(urls.control + path, { ...init, headers }).catch((error: unknown) => {
      if (isAbort(error)) throw error
      throw new WasmateError('EMULATOR_NOT_RUNNING', `process ${pid} does not answer: ${describe(error)}`, {
        cause: error,
      })
    })
    if (!response.ok) throw fromProblem((await response.json()) as Problem)
    return response
  }
}

const endedMeanwhile = 'it ended while it was at work; what was acknowledged is kept'

/** A body on Node 20 can go on waiting although its signal was aborted: the signal is listened to here as well. */
async function* untilItEnds<T>(
  events: AsyncGenerator<T, undefined>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  try {
    for (;;) {
      const next: IteratorResult<T, undefined> = await orAborted(events.next(), signal)
      if (next.done) return
      yield next.value
    }
  } catch (error) {
    if (error instanceof WasmateError || isAbort(error)) throw error
    throw new WasmateError('EMULATOR_NOT_RUNNING', endedMeanwhile, { cause: error })
  }
}

async function* readEvents<Name extends StreamName>(
  response: Response,
): AsyncGenerator<StreamEvent<Name>, undefined> {
  for await (const line of readLines(response)) yield JSON.parse(line) as StreamEvent<Name>
}

async function* readLines(response: Response): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest) yield rest
}
