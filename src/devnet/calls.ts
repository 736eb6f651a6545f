// JSON-RPC request text -> its calls, each with what it would do to the chain.

import { type ErrorCode, WasmateError, toWasmateError } from '../base/errors.ts'

/** read: changes nothing. write: journaled. restart: a new chain. refused: nothing that could be restored. */
export type CallKind = 'read' | 'write' | 'restart' | 'refused'

export interface Call {
  /** The call as the client wrote it: numbers beyond 2^53 and the id keep their digits. */
  text: string
  id: unknown
  method: string
  params: unknown
  kind: CallKind
}

const writes = new Set([
  ...[
    'starknet_addInvokeTransaction',
    'starknet_addDeclareTransaction',
    'starknet_addDeployAccountTransaction',
  ],
  ...['devnet_mint', 'devnet_createBlock', 'devnet_abortBlocks', 'devnet_acceptOnL1', 'devnet_setGasPrice'],
  ...['devnet_setTime', 'devnet_increaseTime', 'devnet_applyStateDiff', 'devnet_snapshot', 'devnet_revert'],
  ...['devnet_impersonateAccount', 'devnet_stopImpersonateAccount'],
  ...['devnet_autoImpersonate', 'devnet_stopAutoImpersonate'],
  ...['devnet_postmanSendMessageToL2', 'devnet_postmanConsumeMessageFromL2'],
])

const ownState = 'this chain is kept in Wasmate’s own journal'
const otherChain = 'messages of another chain could not be restored with this one'

const refusals = new Map([
  ['devnet_dump', `${ownState}; copy the state folder while the emulator is down`],
  ['devnet_load', `${ownState}; to take over a dump, send its transactions one by one`],
  ['devnet_postmanLoad', otherChain],
  ['devnet_postmanFlush', otherChain],
])

/** Throws a SyntaxError when the body is not JSON. `batch` says whether it was an array. */
export function readCalls(body: string): { batch: boolean; calls: Call[] } {
  const value: unknown = JSON.parse(body)
  if (!Array.isArray(value)) return { batch: false, calls: [toCall(value, body)] }
  const texts = splitArray(body)
  return { batch: true, calls: value.map((element, index) => toCall(element, texts[index] ?? 'null')) }
}

/** Why a call of kind `refused` is refused. */
export function refusalReason(method: string): string {
  return refusals.get(method) ?? ''
}

/** The top-level elements of JSON array text, each as it stands. */
export function splitArray(text: string): string[] {
  const elements: string[] = []
  let depth = 0
  let from = 0
  const token = /"(?:[^"\\]|\\.)*"|[[\]{},]/g
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [sign] = match
    if (depth === 1 && (sign === ',' || sign === ']')) elements.push(text.slice(from, match.index).trim())
    if (depth === 0 || (depth === 1 && sign === ',')) from = token.lastIndex
    if (sign === '[' || sign === '{') depth++
    else if (sign === ']' || sign === '}') depth--
  }
  return elements.length === 1 && elements[0] === '' ? [] : elements
}

/** JSON-RPC 2.0 section 5.1; -32000 to -32099 are the implementation's own. */
export function errorAnswer(id: unknown, error: unknown): string {
  const { code, message, next } = toWasmateError(error)
  return formatError(id, -32000, `${message}. ${next}`, { code, next })
}

/** -32604 is what devnet itself answers for a method that is switched off. */
export function refusalAnswer({ id, method }: Call): string {
  const { message, next } = new WasmateError('RPC_REFUSED', `${method}: ${refusalReason(method)}`)
  return formatError(id, -32604, message, { code: 'RPC_REFUSED', next })
}

export function parseErrorAnswer(): string {
  return formatError(null, -32700, 'The body is not JSON', {
    code: 'INPUT_INVALID',
    next: 'Send JSON-RPC 2.0.',
  })
}

function formatError(
  id: unknown,
  code: number,
  message: string,
  data: { code: ErrorCode; next: string },
): string {
  return JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: { code, message, data } })
}

function toCall(value: unknown, text: string): Call {
  const { id, method, params } = Object(value) as { id?: unknown; method?: unknown; params?: unknown }
  const name = typeof method === 'string' ? method : ''
  // Without an id it is a notification, which devnet does not carry out (JSON-RPC 2.0 section 4.1).
  const kind = id === undefined ? 'read' : classify(name, params)
  return { text, id, method: name, params, kind }
}

function classify(method: string, params: unknown): CallKind {
  if (method === 'devnet_restart') return 'restart'
  if (method === 'devnet_postmanFlush' && isDryRun(params)) return 'read'
  if (refusals.has(method)) return 'refused'
  return writes.has(method) ? 'write' : 'read'
}

function isDryRun(params: unknown): boolean {
  const [flag] = Array.isArray(params)
    ? (params as unknown[])
    : [(Object(params) as { dry_run?: unknown }).dry_run]
  return flag === true
}
