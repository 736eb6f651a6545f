// What a model gives a tool -> the bytes that the function is called with, checked against its schema.

import { z } from 'zod'
import { WasmateError, describe } from '../../base/errors.ts'
import { namedIssues } from '../../config.ts'
import { type CalledFunction, isOfObject } from './describe.ts'

/** Of a tool that stands for one function. Throws INPUT_INVALID, and MANIFEST_INVALID for a schema that is none. */
export function inputOfArguments(called: CalledFunction, given: Record<string, unknown>): Uint8Array {
  return toInput(called, isOfObject(called.inputSchema) ? given : given['input'])
}

/** The value is the input itself. Throws as above. */
export function toInput({ name, inputSchema }: CalledFunction, value: unknown): Uint8Array {
  if (inputSchema) return Buffer.from(JSON.stringify(check(name, inputSchema, value)))
  if (value === undefined) return new Uint8Array()
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
}

/** The value as it was given: defaults are the function's own to fill in. */
function check(name: string, inputSchema: Record<string, unknown>, value: unknown): unknown {
  const parsed = compile(name, inputSchema).safeParse(value)
  if (parsed.success) return value
  throw new WasmateError('INPUT_INVALID', `input of ${name}: ${namedIssues(parsed.error)}`)
}

function compile(name: string, inputSchema: Record<string, unknown>): z.ZodType {
  try {
    return z.fromJSONSchema(inputSchema)
  } catch (error) {
    throw new WasmateError('MANIFEST_INVALID', `inputSchema of ${name}: ${describe(error)}`, { cause: error })
  }
}
