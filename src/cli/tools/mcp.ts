// wasmate mcp: the functions of this workspace's emulator as tools, to an MCP client at the other end of standard
// input and output.

import { toProblem, toWasmateError } from '../../base/errors.ts'
import { pause } from '../../base/pause.ts'
import type { ControlClient } from '../../client/control.ts'
import { findOrStart, findRunning } from '../../client/starting.ts'
import { callTool, listTools } from '../../client/tools.ts'
import type { Tool } from '../../flows/tools/describe.ts'
import { inputOfArguments } from '../../flows/tools/input.ts'
import { describeProblem } from '../../flows/tools/result.ts'
import { McpServer, type McpResult, type McpTarget } from '../../serve/mcp/server.ts'
import type { Session } from '../session.ts'

export interface McpOptions {
  /** Start an emulator when none runs. */
  start?: boolean
  set: string[]
}

/** How often it is looked whether an emulator has come. */
const lookEveryMs = 1_000

export async function mcpVerb(session: Session, options: McpOptions): Promise<void> {
  const ending = new AbortController()
  const signal = AbortSignal.any([session.signal, ending.signal])
  const functions = new Functions(session, options)
  const server = new McpServer({
    target: functions,
    input: process.stdin,
    send: (line) => process.stdout.write(line),
    version: session.environment.version,
  })
  const following = functions.follow(() => server.tellListChanged(), signal)
  try {
    await server.serve(signal)
  } finally {
    ending.abort()
    await following
  }
}

class Functions implements McpTarget {
  readonly #session: Session
  readonly #options: McpOptions
  /** As the client last heard of them. */
  #told = '[]'

  constructor(session: Session, options: McpOptions) {
    this.#session = session
    this.#options = options
  }

  /** None while no emulator runs, or its chain is not ready: the client is told when there are. */
  async list(signal: AbortSignal): Promise<Tool[]> {
    const tools = await this.#list(signal)
    this.#told = JSON.stringify(tools)
    return tools
  }

  async call(
    name: string,
    given: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<McpResult | undefined> {
    try {
      const client = await this.#open(signal)
      const tool = (await listTools(client, signal)).find((each) => each.name === name)
      if (!tool) return undefined
      const input = inputOfArguments(tool.called, given)
      const { record, ...result } = await callTool(client, { called: tool.called, input }, signal)
      return { ...result, ...(record && { meta: { cid: record.cid, version: record.version } }) }
    } catch (error) {
      signal.throwIfAborted()
      return { text: describeProblem(toProblem(error)), isError: true }
    }
  }

  /**
   * Tells of every change in the list, also when an emulator comes or goes, until the signal ends it. One that is
   * leased stays as long as this listens, which is as long as the client has this process.
   */
  async follow(onChange: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const client = await findRunning(this.#session.workspace, signal).catch(() => undefined)
      const tell = (): void => void this.#tellIfChanged(onChange, signal)
      tell()
      // How it ended is seen when it is looked for again.
      await client?.stream('changes', {}, { signal, step: tell }).catch(() => undefined)
      await pause(lookEveryMs, signal)
    }
  }

  async #tellIfChanged(onChange: () => void, signal: AbortSignal): Promise<void> {
    // What is wrong is told to whoever asks for the list.
    const now = await this.#listRunning(signal).catch(() => undefined)
    if (now === undefined || signal.aborted || JSON.stringify(now) === this.#told) return
    this.#told = JSON.stringify(now)
    onChange()
  }

  #list(signal: AbortSignal): Promise<Tool[]> {
    return this.#options.start
      ? noneIfNotReady(async () => listTools(await this.#open(signal), signal))
      : this.#listRunning(signal)
  }

  #listRunning(signal: AbortSignal): Promise<Tool[]> {
    return noneIfNotReady(async () => listTools(await findRunning(this.#session.workspace, signal), signal))
  }

  async #open(signal: AbortSignal): Promise<ControlClient> {
    const { workspace, environment } = this.#session
    if (!this.#options.start) return findRunning(workspace, signal)
    const settings = this.#options.set.flatMap((each) => ['--set', each])
    const args = ['--dir', workspace.folder, ...settings, '--json', 'up', '--leased']
    return findOrStart(workspace, { entry: environment.entry, args }, signal)
  }
}

async function noneIfNotReady(list: () => Promise<Tool[]>): Promise<Tool[]> {
  try {
    return await list()
  } catch (error) {
    if (notReady.has(toWasmateError(error).code)) return []
    throw error
  }
}

const notReady = new Set(['EMULATOR_NOT_RUNNING', 'CHAIN_NOT_READY'])
