// Two outputs of one call -> what differs: as lines of text, of JSON with its keys in order, or as the first byte.

import { isUtf8 } from 'node:buffer'
import { createTwoFilesPatch } from 'diff'

export interface OutputDifference {
  kind: 'json' | 'text' | 'bytes'
  /** `json` and `text`: a unified diff without its head; `bytes`: a sentence. */
  words: string
}

/** Of larger outputs only the place is told: a diff takes long, and nobody reads it. */
const maxDiffed = 256 * 1024

/** `undefined` when they are equal, byte for byte. */
export function compareOutputs(before: Uint8Array, after: Uint8Array): OutputDifference | undefined {
  if (Buffer.compare(before, after) === 0) return undefined
  if (before.length + after.length > maxDiffed || !isUtf8(before) || !isUtf8(after)) {
    return { kind: 'bytes', words: firstDifference(before, after) }
  }
  const [old, now] = [Buffer.from(before).toString(), Buffer.from(after).toString()]
  const [oldJson, nowJson] = [asJson(old), asJson(now)]
  if (oldJson === undefined || nowJson === undefined) return { kind: 'text', words: diff(old, now) }
  // The same value, written in another way.
  if (oldJson === nowJson) return { kind: 'text', words: diff(old, now) }
  return { kind: 'json', words: diff(oldJson, nowJson) }
}

function firstDifference(before: Uint8Array, after: Uint8Array): string {
  const shorter = Math.min(before.length, after.length)
  let at = 0
  while (at < shorter && before[at] === after[at]) at++
  const sizes =
    before.length === after.length ? '' : `, ${before.length} bytes before and ${after.length} now`
  return `from byte ${at} on${sizes}`
}

/** Pretty, its keys in order; only of what is an object or a list. */
function asJson(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value !== 'object' || value === null) return undefined
    return JSON.stringify(value, sortKeys, 2)
  } catch {
    // Then it is text.
    return undefined
  }
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function diff(before: string, after: string): string {
  const patch = createTwoFilesPatch('before', 'now', before, after, '', '', { context: 2 })
  const lines = patch.trimEnd().split('\n').slice(3)
  // Where neither ends with a line break, that is no difference.
  const isNoDifference = !before.endsWith('\n') && !after.endsWith('\n')
  return lines.filter((line) => !(isNoDifference && line.startsWith('\\ No newline'))).join('\n')
}
