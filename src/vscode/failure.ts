// What went wrong, in the editor's language and as the errors that its file system knows.

import { FileSystemError, l10n } from 'vscode'
import { type ErrorCode, errorTable, toWasmateError } from '../base/errors.ts'

/** What is wrong, with which value, and what to do next. */
export function sayFailure(error: unknown): string {
  const { code, detail, next } = toWasmateError(error)
  const message = l10n.t(errorTable[code].message)
  // Some details are sentences of their own.
  const why = detail?.trimEnd().replace(/\.$/, '')
  return `${why ? `${message}: ${why}` : message}. ${l10n.t(next)}`
}

/** There is nothing there, and there never will be. */
const absent = new Set<ErrorCode>(['CID_INVALID', 'INPUT_INVALID', 'CONTENT_NOT_FOUND'])

export function toFileSystemError(error: unknown): FileSystemError {
  if (error instanceof FileSystemError) return error
  const text = sayFailure(error)
  return absent.has(toWasmateError(error).code)
    ? FileSystemError.FileNotFound(text)
    : FileSystemError.Unavailable(text)
}
