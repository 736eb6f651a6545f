// An MCP server (https://modelcontextprotocol.io/specification) of tools, over a stream in and one out. The official
// SDK is left out: for this one connection it brings Express, Hono and 96 packages more.

import type { Readable } from 'node:stream'
import { WasmateError, describe, isAbort } from '../../base/errors.ts'
import { type RpcCall, RpcError, type RpcId, isId, isRecord, readCall, rpcCodes } from './messages.ts'

export interface McpTool {
  name: string
  title: string
  description: string
  inputSchema: Record<string, unknown>
}

export interface McpResult {
  text: string
  isError: boolean
  /** For programs, not for the model. */
  meta?: Record<string, unknown>
}

export interface McpTarget {
  list(signal: AbortSignal): Promise<McpTool[]>
  /** `undefined`: there is no such tool. What fails in a tool is a result. */
  call(name: string, given: Record<string, unknown>, signal: AbortSignal): Promise<McpResult | undefined>
}

export interface McpOptions {
  target: McpTarget
  input: Readable
  send: (line: string) => void
  version: string
}

/** Newest first. Of these all that is used here is the same. */
const protocolVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']

/** A line longer than this is no call of a function that would be let through elsewhere. */
const maxLineLength = 32 * 1024 * 1024

export class McpServer {
  readonly #options: McpOptions
  /** Calls that are being answered. */
  readonly #running = new Map<RpcId, AbortController>()

  constructor(options: McpOptions) {
    this.#options = options
  }

  /** Resolves when the input has ended, or the signal was aborted, and nothing runs any more. */
  async serve(signal: AbortSignal): Promise<void> {
    const { input } = this.#options
    const end = (): void => void input.destroy()
    if (signal.aborted) end()
    signal.addEventListener('abort', end)
    const answering = new Set<Promise<void>>()
    try {
      for await (const line of readLines(input)) {
        const answer = this.#take(line).finally(() => answering.delete(answer))
        answering.add(answer)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', end)
      for (const running of this.#running.values()) running.abort()
      await Promise.all(answering)
    }
  }

  /** The client is to ask for the list again. */
  tellListChanged(): void {
    this.#send({ method: 'notifications/tools/list_changed' })
  }

  async #take(line: string): Promise<void> {
    if (line.trim() === '') return
    try {
      const call = readCall(line)
      if (!call) return
      if (call.id === undefined) return this.#note(call)
      await this.#answer(call.id, call)
    } catch (error) {
      this.#refuse(null, error)
    }
  }

  #note({ method, params }: RpcCall): void {
    const { requestId } = params
    if (method === 'notifications/cancelled' && isId(requestId)) this.#running.get(requestId)?.abort()
  }

  async #answer(id: RpcId, call: RpcCall): Promise<void> {
    if (this.#running.has(id)) throw new RpcError(rpcCodes.request, `${id} is being answered already`)
    const stopper = new AbortController()
    this.#running.set(id, stopper)
    try {
      const result = await this.#carryOut(call, stopper.signal)
      // MCP, cancellation: what was cancelled is not answered.
      if (!stopper.signal.aborted) this.#send({ id, result })
    } catch (error) {
      if (!stopper.signal.aborted) this.#refuse(id, error)
    } finally {
      this.#running.delete(id)
    }
  }

  async #carryOut({ method, params }: RpcCall, signal: AbortSignal): Promise<unknown> {
    if (method === 'initialize') return this.#introduce(params)
    if (method === 'ping') return {}
    if (method === 'tools/list') return { tools: (await this.#options.target.list(signal)).map(toWire) }
    if (method === 'tools/call') return this.#call(params, signal)
    throw new RpcError(rpcCodes.method, `no method ${method}`)
  }

  /** MCP, lifecycle: the version that the client has if it is one of ours, else our newest. */
  #introduce({ protocolVersion }: Record<string, unknown>): unknown {
    const isOurs = protocolVersions.some((each) => each === protocolVersion)
    return {
      protocolVersion: isOurs ? protocolVersion : protocolVersions[0],
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'wasmate', title: 'Wasmate', version: this.#options.version },
      instructions:
        'Each tool is a WebAssembly function that is registered on the local chain of a Wasmate emulator. Its version and CID are in its description.',
    }
  }

  async #call(params: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    const { name, arguments: given = {} } = params
    if (typeof name !== 'string' || !isRecord(given)) {
      throw new RpcError(rpcCodes.params, 'a call has the name of a tool and an object of arguments')
    }
    const result = await this.#options.target.call(name, given, signal)
    if (!result) throw new RpcError(rpcCodes.params, `no tool ${name}`)
    const { text, isError, meta } = result
    return { content: [{ type: 'text', text }], isError, ...(meta && { _meta: meta }) }
  }

  #refuse(id: RpcId | null, error: unknown): void {
    const code = error instanceof RpcError ? error.code : rpcCodes.internal
    const next = error instanceof WasmateError ? `. ${error.next}` : ''
    const message = isAbort(error) ? 'cancelled' : `${describe(error)}${next}`
    this.#send({ id, error: { code, message } })
  }

  #send(message: Record<string, unknown>): void {
    this.#options.send(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }
}

function toWire({ name, title, description, inputSchema }: McpTool): McpTool {
  return { name, title, description, inputSchema }
}

async function* readLines(input: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > maxLineLength)
      throw new WasmateError('BODY_TOO_LARGE', `a line of ${rest.length} characters`)
  }
  if (rest) yield rest
}
