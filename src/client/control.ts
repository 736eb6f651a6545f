// A client of a running emulator's control API.

import { WasmateError, describe, fromProblem, isAbort, type Problem } from '../base/errors.ts'
import type { Deployment } from '../deploy.ts'
import type { Progress, ListedFunction } from '../model.ts'
import type { Report } from '../steps.ts'
import { type EmulatorState, type Workspace, readEmulatorState } from '../workspace.ts'
import type { ControlEvent, DeployRequest, EmulatorStatus, ListRequest } from './messages.ts'

export interface StreamContext {
  signal?: AbortSignal
  onStep?: Report
  onProgress?: (progress: Progress) => void
}

/** Throws EMULATOR_NOT_RUNNING when none runs for the workspace. */
export async function attach(workspace: Workspace): Promise<ControlClient> {
  const state = await readEmulatorState(workspace)
  if (!state) throw new WasmateError('EMULATOR_NOT_RUNNING', workspace.folder)
  const client = new ControlClient(state)
  await client.status()
  return client
}

export class ControlClient {
  readonly state: EmulatorState

  constructor(state: EmulatorState) {
    this.state = state
  }

  async status(): Promise<EmulatorStatus> {
    return (await this.#ask('/status')).json() as Promise<EmulatorStatus>
  }

  async list({ offset, limit }: ListRequest): Promise<ListedFunction[]> {
    const response = await this.#ask(`/functions?offset=${offset}&limit=${limit}`)
    const { functions } = (await response.json()) as { functions: ListedFunction[] }
    return functions
  }

  /** Answers when the emulator has begun to stop. */
  async stop(): Promise<void> {
    await this.#ask('/stop', { method: 'POST' })
  }

  async deploy(request: DeployRequest, context: StreamContext): Promise<Deployment> {
    const response = await this.#ask('/deploy', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      ...(context.signal && { signal: context.signal }),
    })
    for await (const event of readEvents(response)) {
      if (event.type === 'deployed') return event.deployment
      if (event.type === 'error') throw fromProblem(event.problem)
      if (event.type === 'step') context.onStep?.(event.step)
      if (event.type === 'progress') context.onProgress?.(event.progress)
    }
    throw new WasmateError(
      'EMULATOR_NOT_RUNNING',
      'it ended while it was deploying; what was acknowledged is kept',
    )
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

async function* readEvents(response: Response): AsyncGenerator<ControlEvent> {
  for await (const line of readLines(response)) yield JSON.parse(line) as ControlEvent
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
