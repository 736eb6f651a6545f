// JSON-RPC 2.0 as MCP has it over standard input and output: one message a line, in and out.

/** https://www.jsonrpc.org/specification section 5.1 */
export const rpcCodes = {
  parse: -32_700,
  request: -32_600,
  method: -32_601,
  params: -32_602,
  internal: -32_603,
} as const

export type RpcId = string | number

/** `id` is absent in a notification, which nobody answers. */
export interface RpcCall {
  id?: RpcId
  method: string
  params: Record<string, unknown>
}

/** A refusal that goes back as it is. */
export class RpcError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** `undefined` for an answer, of which none is awaited here. Throws RpcError. */
export function readCall(line: string): RpcCall | undefined {
  const message = parse(line)
  if (!isRecord(message)) throw new RpcError(rpcCodes.request, 'a message is one object')
  const { id, method, params = {} } = message
  if (method === undefined && ('result' in message || 'error' in message)) return undefined
  if (message['jsonrpc'] !== '2.0' || typeof method !== 'string') {
    throw new RpcError(rpcCodes.request, 'a request has "jsonrpc": "2.0" and a method')
  }
  if (!isRecord(params)) throw new RpcError(rpcCodes.request, 'params are an object')
  if (id === undefined) return { method, params }
  // MCP, basic protocol: an id is not null.
  if (!isId(id)) throw new RpcError(rpcCodes.request, 'an id is a text or a number')
  return { id, method, params }
}

export function isId(value: unknown): value is RpcId {
  return typeof value === 'string' || typeof value === 'number'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    throw new RpcError(rpcCodes.parse, 'the line is no JSON')
  }
}
