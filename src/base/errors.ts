// Errors as everybody here throws, carries and takes them back: a code of the table, a detail, a cause.

import { type ErrorCode, type Fault, errorTable } from './error-table.ts'

export { type ErrorCode, type Fault, errorTable } from './error-table.ts'

/** A place in the source and what the compiler says about it. */
export interface Diagnostic {
  /** Relative to the function's folder, with slashes; `~lib/...` in a library. */
  file: string
  /** From 1. */
  line: number
  /** From 1. */
  column: number
  message: string
  severity: 'error' | 'warning'
}

/** One of the functions that were running when a call broke off. */
export interface StackFrame {
  /** As its source or its module has it, else `function 12`. */
  name: string
  /** Of the function in the module, imported ones counted. */
  index: number
  /** Of the byte in the module. */
  offset: number
  /** As in a `Diagnostic`; absent where no line is known, as are line and column. */
  file?: string | undefined
  line?: number | undefined
  /** 0 when it is not known. */
  column?: number | undefined
}

/** Where a call broke off. */
export interface CallStack {
  /** Innermost first; of a deep stack the innermost alone. */
  frames: StackFrame[]
  /** Why they have no lines. */
  linesMissing?: string | undefined
}

export interface WasmateErrorOptions extends ErrorOptions {
  diagnostics?: Diagnostic[]
  callStack?: CallStack | undefined
  receipt?: string | undefined
}

/** An error from the table. `detail` is what is particular to this case; `cause` is what brought it about. */
export class WasmateError extends Error {
  static override readonly name = 'WasmateError'
  override readonly name = 'WasmateError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  /** Places in sources that it is about. */
  readonly diagnostics: readonly Diagnostic[]
  /** Of a call of a function. */
  readonly callStack: CallStack | undefined
  /** CID of what that call has left. */
  readonly receipt: string | undefined

  constructor(code: ErrorCode, detail?: string, options: WasmateErrorOptions = {}) {
    super(detail ? `${errorTable[code].message}: ${detail}` : errorTable[code].message, options)
    this.code = code
    this.detail = detail
    this.diagnostics = options.diagnostics ?? []
    this.callStack = options.callStack
    this.receipt = options.receipt
  }

  get status(): number {
    return errorTable[this.code].status
  }

  get fault(): Fault {
    return errorTable[this.code].fault
  }

  get next(): string {
    return errorTable[this.code].next
  }
}

/** problem+json (RFC 9457 section 3), and the shape of every error on the control API and in `--json`. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ErrorCode
  next: string
  diagnostics?: Diagnostic[]
  callStack?: CallStack | undefined
  receipt?: string | undefined
}

export function toProblem(error: unknown): Problem {
  const { code, status, message, next, diagnostics, callStack, receipt } = toWasmateError(error)
  return {
    type: `urn:wasmate:error:${code}`,
    title: errorTable[code].message,
    status,
    detail: message,
    code,
    next,
    ...(diagnostics.length > 0 && { diagnostics: [...diagnostics] }),
    ...(callStack && { callStack }),
    ...(receipt !== undefined && { receipt }),
  }
}

/** Takes back an error that crossed a process or an HTTP connection as a problem. */
export function fromProblem(problem: Problem): WasmateError {
  const code: ErrorCode = problem.code in errorTable ? problem.code : 'INTERNAL'
  const prefix = `${errorTable[code].message}: `
  const detail = problem.detail.startsWith(prefix) ? problem.detail.slice(prefix.length) : problem.detail
  const { diagnostics = [], callStack, receipt } = problem
  const told = { diagnostics, callStack, receipt }
  return new WasmateError(code, detail === errorTable[code].message ? undefined : detail, told)
}

const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG'])

export function toWasmateError(error: unknown): WasmateError {
  if (error instanceof WasmateError) return error
  if (isAbort(error)) return new WasmateError('CANCELLED', undefined, { cause: error })
  const isUnwritable = unwritable.has(systemCode(error) ?? '')
  return new WasmateError(isUnwritable ? 'STATE_UNWRITABLE' : 'INTERNAL', describe(error), { cause: error })
}

/** A thrown thing and its causes in one line, outermost first. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const words = error.message || error.name
  return error.cause === undefined ? words : `${words}: ${describe(error.cause)}`
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** The `code` that Node puts on system errors, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
