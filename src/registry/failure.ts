// What the chain and the contract say when they refuse, as errors from the table.

import { type ErrorCode, WasmateError, describe, isAbort } from '../base/errors.ts'
import { isConnectionLost } from './starknet.ts'

/** Codes of the Starknet JSON-RPC specification 0.10, `starknet_api_openrpc.json` and the write API. */
export const rpcCode = {
  contractNotFound: 20,
  entrypointNotFound: 21,
  blockNotFound: 24,
  transactionNotFound: 29,
  contractError: 40,
  executionError: 41,
  classAlreadyDeclared: 51,
  invalidNonce: 52,
  boundsTooLow: 53,
  balanceTooLow: 54,
  validationFailure: 55,
  duplicateTransaction: 59,
  replacementUnderpriced: 64,
  feeBelowMinimum: 65,
} as const

/** The code of a JSON-RPC error that starknet.js threw; `undefined` for any other error. */
export function rpcErrorCode(error: unknown): number | undefined {
  return readBaseError(error)?.code
}

/** An error of starknet.js as CHAIN_NOT_READY, CANCELLED or RPC_REFUSED; our own errors pass. */
export function toChainError(error: unknown): WasmateError {
  if (error instanceof WasmateError) return error
  if (isAbort(error)) return new WasmateError('CANCELLED', undefined, { cause: error })
  if (isConnectionLost(error)) {
    // Something answered that is no Starknet RPC: waiting for it would not help.
    if (error.cause instanceof WasmateError) return error.cause
    if (isAbort(error.cause)) return new WasmateError('CANCELLED', undefined, { cause: error })
    return new WasmateError('CHAIN_NOT_READY', describe(error), { cause: error })
  }
  return refused(error)
}

/** For the end of a promise. */
export function rejectAsChainError(error: unknown): never {
  throw toChainError(error)
}

/** A read that the contract refused: FUNCTION_NOT_FOUND when that is why, else as `toChainError`. */
export function toReadError(error: unknown, what: string): WasmateError {
  const base = readBaseError(error)
  if (base?.code === rpcCode.contractNotFound) {
    return new WasmateError('RPC_REFUSED', 'there is no registry at its address')
  }
  if (base?.code === rpcCode.entrypointNotFound) return otherContract()
  if (base?.code !== rpcCode.contractError) return toChainError(error)
  const reason = findReason(JSON.stringify(base.data) ?? '')
  if (reason === undefined) return refused(error)
  return byReason(reason, what) ?? new WasmateError('RPC_REFUSED', `${what}: ${reason}`)
}

/** A reverted transaction, by the reason that the contract gave. */
export function toRevertError(revertReason: string, what: string): WasmateError {
  const reason = findReason(revertReason)
  if (reason === undefined) return new WasmateError('TRANSACTION_REVERTED', lastLine(revertReason))
  return byReason(reason, what) ?? new WasmateError('TRANSACTION_REVERTED', reason)
}

/** What has a code of its own; `what` is the name, or the name and its version. */
function byReason(reason: string, what: string): WasmateError | undefined {
  if (reason.startsWith('name '))
    return new WasmateError('NAME_INVALID', `${JSON.stringify(what)}: ${reason}`)
  if (reason === 'ENTRYPOINT_NOT_FOUND') return otherContract()
  const [code, more] = reasons.get(reason) ?? []
  return code && new WasmateError(code, more ? `${what} (${more})` : what)
}

/** Any other reason is told as the contract gave it. */
const reasons = new Map<string, [code: ErrorCode, more?: string]>([
  ['not an owner or maintainer', ['NAME_TAKEN']],
  ['not the owner', ['NAME_TAKEN', 'only its owner can do that']],
  ['version is yanked', ['VERSION_YANKED']],
  ['function not found', ['FUNCTION_NOT_FOUND']],
  ['version not found', ['FUNCTION_NOT_FOUND', 'version not found']],
  ['no current version', ['FUNCTION_NOT_FOUND', 'no current version']],
  ['CID is over 62 characters', ['CID_TOO_LONG', 'its CID is over 62 characters']],
])

function otherContract(): WasmateError {
  const detail = "the contract at its address has no such entry point; is the network's `kind` right?"
  return new WasmateError('REGISTRY_UNSUPPORTED', detail)
}

/** Under the traceback, where the chain names what went wrong outside of any contract. */
function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.slice(0, 500) ?? ''
}

/**
 * The first short string among the field elements of a panic. A revert shows them decoded and a call does not;
 * the accounts on the way up add their own (`ENTRYPOINT_FAILED`).
 */
function findReason(text: string): string | undefined {
  for (const [, digits] of text.matchAll(/0x((?:[0-9a-f]{2}){3,31})\b/g)) {
    const words = Buffer.from(digits ?? '', 'hex').toString('latin1')
    if (/^[ -~]+$/.test(words) && !/^ENTRYPOINT_FAILED$|multicall-failed$/.test(words)) return words
  }
  return undefined
}

/** Without the error as a cause: its message repeats the whole request, for a declare half a megabyte. */
function refused(error: unknown): WasmateError {
  const base = readBaseError(error)
  if (!base) return new WasmateError('RPC_REFUSED', describe(error).slice(0, 500))
  const data =
    base.data === undefined || base.data === null ? '' : ` (${JSON.stringify(base.data).slice(0, 500)})`
  return new WasmateError('RPC_REFUSED', `${base.code} ${base.message}${data}`)
}

function readBaseError(error: unknown): { code: number; message: string; data: unknown } | undefined {
  if (!(error instanceof Error) || !('baseError' in error)) return undefined
  const { baseError } = error
  if (typeof baseError !== 'object' || baseError === null || !('code' in baseError)) return undefined
  return {
    code: Number(baseError.code),
    message: 'message' in baseError ? String(baseError.message) : '',
    data: 'data' in baseError ? baseError.data : undefined,
  }
}
