// What was thrown through a module's frames -> an error of the table, in words that a person can act on.

import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { Kernel } from './kernel.ts'
import type { Logs } from './logs.ts'
import { GuestExit } from './wasi.ts'

export interface Scene {
  kernel: Kernel
  /** The module's own memory, when it exports one. */
  memory: WebAssembly.Memory | undefined
  maxMemoryBytes: number
  logs: Logs
}

export function explainTrap(error: unknown, scene: Scene): WasmateError {
  if (error instanceof WasmateError) return error
  if (error instanceof GuestExit) return explainFull(error, scene) ?? explainExit(error, scene)
  if (error instanceof WebAssembly.LinkError) {
    return new WasmateError('WASM_IMPORT_UNKNOWN', afterColon(error.message), { cause: error })
  }
  if (error instanceof RangeError) return explainRange(error)
  if (error instanceof WebAssembly.RuntimeError) {
    return scene.kernel.fault(error) ?? explainFull(error, scene) ?? explainRuntime(error, scene)
  }
  if (isGuestException(error))
    return new WasmateError('CALL_TRAPPED', 'it threw an exception and caught none')
  return toWasmateError(error)
}

/** A language that throws sets the error before it traps; what it logged last is the next best word. */
function explainRuntime(error: WebAssembly.RuntimeError, { kernel, logs }: Scene): WasmateError {
  const trap = `${error.message}${whereTrapped(error)}`
  const said = kernel.error()
  const detail = said === undefined ? withLastWords(trap, logs) : `${said} (${trap})`
  return new WasmateError('CALL_TRAPPED', detail, { cause: error })
}

function explainExit(error: GuestExit, { logs }: Scene): WasmateError {
  return new WasmateError('CALL_FAILED', withLastWords(`it ${error.message}`, logs), { cause: error })
}

function withLastWords(detail: string, logs: Logs): string {
  const said = logs.firstError()
  return said === undefined ? detail : `${detail}: ${said}`
}

function explainRange(error: RangeError): WasmateError {
  if (error.message.includes('call stack')) {
    return new WasmateError('CALL_TRAPPED', `stack overflow${whereTrapped(error)}`, { cause: error })
  }
  return new WasmateError('MEMORY_LIMIT', afterColon(error.message), { cause: error })
}

// A growth that fails is told to the module alone, and compilers turn it into `unreachable`, an access out of
// bounds or an exit. With hardly any room left below the limit, the limit is what it ran into.
function explainFull(error: Error, { memory, maxMemoryBytes }: Scene): WasmateError | undefined {
  const used = memory?.buffer.byteLength ?? 0
  const isAbort = error instanceof GuestExit || /unreachable|out of bounds/.test(error.message)
  if (!isAbort || used < maxMemoryBytes - maxMemoryBytes / 16) return undefined
  const detail = `${error.message} with ${used} of ${maxMemoryBytes} bytes in use`
  return new WasmateError('MEMORY_LIMIT', detail, { cause: error })
}

// The innermost frame of the module; its name is there when the module has a name section.
function whereTrapped(error: Error): string {
  const frame = /at (?:(\S+) \()?wasm:\/\/\S+:wasm-function\[(\d+)\]:(0x[0-9a-f]+)/.exec(error.stack ?? '')
  if (!frame) return ''
  const [, name, index, offset] = frame
  return ` in ${name ?? `function ${index}`} at ${offset}`
}

// `WebAssembly.Exception` is in Node 20, and in no type of its.
function isGuestException(error: unknown): boolean {
  return Object.prototype.toString.call(error) === '[object WebAssembly.Exception]'
}

/** `WebAssembly.Instance(): Import #0 ...` without what comes first. */
function afterColon(message: string): string {
  return message.replace(/^WebAssembly\.\w+\(\): /, '')
}
