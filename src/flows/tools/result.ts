// What a call came to, in the words that a language model is given.

import { fromProblem, type Problem } from '../../base/errors.ts'
import { isWhole } from '../../trace/kept-bytes.ts'
import type { InvocationRecord, KeptBytes } from '../../trace/record.ts'

export interface ToolResult {
  text: string
  isError: boolean
}

/** Bytes that are no text: a model has no use for more of them. */
const mostBase64 = 4_096

export function describeResult({
  output,
  problem,
}: Pick<InvocationRecord, 'output' | 'problem'>): ToolResult {
  if (problem) return { text: describeProblem(problem), isError: true }
  return { text: describeOutput(output ?? { size: 0, base64: '' }), isError: false }
}

/** What is wrong, and what to do next. */
export function describeProblem(problem: Problem): string {
  const { code, message, next } = fromProblem(problem)
  return `${code}: ${message}. Next: ${next}`
}

function describeOutput(output: KeptBytes): string {
  const bytes = Buffer.from(output.base64, 'base64')
  const text = decode(bytes, isWhole(output))
  if (text !== undefined)
    return isWhole(output) ? text : `${text}\n(cut: the output has ${output.size} bytes)`
  const shown = output.base64.slice(0, mostBase64)
  const cut = shown.length === output.base64.length && isWhole(output) ? '' : ', of which the first are here'
  return `The output is no text but ${output.size} bytes${cut}, as base64: ${shown}`
}

/** `undefined` when it is no UTF-8. The last character of what was cut may be half of one. */
function decode(bytes: Uint8Array, isComplete: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isComplete })
  } catch {
    return undefined
  }
}
