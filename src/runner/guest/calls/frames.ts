// What was thrown through a module's frames -> those frames, innermost first.

import { type StackFrame, toWasmateError } from '../../../base/errors.ts'
import type { Failure } from '../../messages.ts'

/** Deeper ones add little: V8 keeps so many of what is thrown. */
export const keptFrames = 20

export function toFailure(error: unknown): Failure {
  const told = toWasmateError(error)
  const frames = framesOf(told)
  return { ok: false, code: told.code, detail: told.detail ?? '', ...(frames.length > 0 && { frames }) }
}

/** Of the trap itself, where it is what brought the error about. */
function framesOf(error: Error): StackFrame[] {
  const thrown = error.cause instanceof Error ? error.cause : error
  const { stack = '', message } = thrown
  // Its message can hold anything.
  const found = [...stack.slice(stack.indexOf(message) + message.length).matchAll(frame)]
  // The kernel is a module too. It is called by the function's and calls nobody, so that the outermost is the function's.
  const own = found.at(-1)?.[2]
  return found
    .filter(([, , url]) => url === own)
    .map(([, name, , index = '', offset = '']) => {
      return { name: name ?? `function ${index}`, index: Number(index), offset: parseInt(offset, 16) }
    })
}

const frame = /^ *at (?:(.+) \()?(wasm:\/\/\S+):wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/gm
