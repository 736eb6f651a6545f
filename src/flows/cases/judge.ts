// What a call came to, held against what the case expects.

import { isUtf8 } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import { type Problem, toProblem } from '../../base/errors.ts'
import { type Case, type Expected, readGiven } from './file.ts'

export type Outcome = { output: Uint8Array } | { problem: Problem }

export interface Difference {
  message: string
  /** What was expected and what came, as text to be compared; absent where the message says it all. */
  expected?: string
  actual?: string
}

/** `errored`: the case itself could not be carried out. */
export type CaseState = 'passed' | 'failed' | 'errored'

export interface Judged {
  state: CaseState
  /** Why it did not pass. */
  difference?: Difference
  /** What the call failed with, expected or not. */
  problem?: Problem
}

/** It never throws: what can't be judged is its result too. */
export async function judgeCase({ expected }: Case, outcome: Outcome, folder: string): Promise<Judged> {
  const told = 'problem' in outcome ? { problem: outcome.problem } : undefined
  // What the case file itself says wrong is no answer of the function.
  if (told?.problem.code === 'CASES_INVALID') return { state: 'errored', ...told }
  try {
    const difference = await judge(expected, outcome, folder)
    return difference ? { state: 'failed', difference, ...told } : { state: 'passed', ...told }
  } catch (error) {
    return { state: 'errored', problem: toProblem(error) }
  }
}

/** `undefined` when it is as expected. Throws CASES_INVALID when a file of the case can't be read. */
export async function judge(
  expected: Expected,
  outcome: Outcome,
  folder: string,
): Promise<Difference | undefined> {
  if (typeof expected === 'object' && 'problem' in expected) return judgeProblem(expected.problem, outcome)
  if ('problem' in outcome) return { message: outcome.problem.detail }
  const { output } = outcome
  if (typeof expected === 'object' && 'matches' in expected) return judgePattern(expected.matches, output)
  if (typeof expected === 'object' && 'json' in expected) return judgeJson(expected.json, output)
  const wanted = await readGiven(expected, folder)
  if (Buffer.compare(wanted, output) === 0) return undefined
  const show = isUtf8(wanted) && isUtf8(output) ? toText : toHex
  return { message: 'The output is another', expected: show(wanted), actual: show(output) }
}

function judgeProblem(code: string, outcome: Outcome): Difference | undefined {
  if ('output' in outcome) {
    const message = `It answered, and should have failed with ${code}`
    return { message, expected: code, actual: toReadable(outcome.output) }
  }
  const { problem } = outcome
  if (problem.code === code) return undefined
  return {
    message: `It failed, but with another problem: ${problem.detail}`,
    expected: code,
    actual: problem.code,
  }
}

function judgePattern(pattern: string, output: Uint8Array): Difference | undefined {
  if (new RegExp(pattern, 'u').test(toText(output))) return undefined
  return { message: 'The output does not match', expected: pattern, actual: toReadable(output) }
}

function judgeJson(wanted: unknown, output: Uint8Array): Difference | undefined {
  const actual = parse(output)
  if (actual === undefined) {
    return { message: 'The output is not JSON', expected: print(wanted), actual: toReadable(output) }
  }
  if (isDeepStrictEqual(actual.value, wanted)) return undefined
  return { message: 'The output is another value', expected: print(wanted), actual: print(actual.value) }
}

function parse(output: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(output)) as unknown }
  } catch {
    // Whoever asked says that it is none.
    return undefined
  }
}

/** With keys in order: theirs does not count, and is to show no difference. */
function print(value: unknown): string {
  const sorted = (_key: string, each: unknown): unknown =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each
  return JSON.stringify(value, sorted, 2)
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

function toReadable(bytes: Uint8Array): string {
  return isUtf8(bytes) ? toText(bytes) : toHex(bytes)
}

/** Sixteen bytes a line. */
function toHex(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes).toString('hex')
  return (digits.match(/.{1,32}/g) ?? []).map((line) => line.replace(/..(?!$)/g, '$& ')).join('\n')
}
