// What a chain says to a transaction that is to be paid for, as errors from the table.

import { WasmateError, isAbort, toWasmateError } from '../../base/errors.ts'
import { rpcCode, rpcErrorCode, toChainError } from '../failure.ts'

export function isDeclared(error: unknown): boolean {
  if (rpcErrorCode(error) === rpcCode.classAlreadyDeclared) return true
  return error instanceof WasmateError && /already declared/i.test(error.detail ?? '')
}

/** Cancelled or cut off: it was sent all the same. */
export function unsettled(hash: string, error: unknown): WasmateError {
  if (isAbort(error)) return new WasmateError('TRANSACTION_UNSETTLED', `${hash}; waiting was cancelled`)
  const { code, message } = toChainError(error)
  const why = code === 'CANCELLED' ? 'waiting was cancelled' : message
  return new WasmateError('TRANSACTION_UNSETTLED', `${hash}; ${why}`, { cause: toWasmateError(error) })
}

/** The chain took nothing. */
export function toSendError(error: unknown): WasmateError {
  const code = rpcErrorCode(error)
  if (code === rpcCode.boundsTooLow || code === rpcCode.feeBelowMinimum) {
    return new WasmateError('FEE_ROSE', 'the chain refused what was signed; nothing was charged')
  }
  if (code === rpcCode.balanceTooLow) {
    return new WasmateError('FUNDS_MISSING', 'the balance has become less since it was read')
  }
  if (code === rpcCode.validationFailure) {
    return new WasmateError('ACCOUNT_KEY_MISMATCH', toChainError(error).detail)
  }
  return toChainError(error)
}
