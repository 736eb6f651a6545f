// What passes between the invocation view's page and the extension. What the page says is not taken on trust: what
// it shows was made by a foreign function.

import type { InvocationRecord } from '../../trace/record.ts'
import type { Texts } from './texts.ts'

export const formats = ['text', 'json', 'hex', 'image'] as const
export type Format = (typeof formats)[number]

export const sides = ['input', 'output'] as const
export type Side = (typeof sides)[number]

/** How a body is shown when a person has chosen so. */
export type Choices = Partial<Record<Side, Format>>

/** What the page is told. */
export type ViewMessage =
  | { type: 'show'; record: InvocationRecord; folder: string | undefined; choices: Choices; texts: Texts }
  /** The same call is being made once more, or was. */
  | { type: 'busy'; isBusy: boolean }

/** What the page asks for. */
export type PageMessage =
  | { type: 'ready' }
  | { type: 'run-again' | 'run-with' | 'debug' | 'replay' | 'open-cid' }
  | { type: 'save'; side: Side }
  | { type: 'copy'; text: string }
  | { type: 'choose'; side: Side; format: Format }
  | { type: 'open-source'; file: string; line: number; column: number }

const maxCopied = 4 * 1024 * 1024

/** `undefined` for what is none of them. */
export function parsePageMessage(value: unknown): PageMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { type, side, text, format, file, line, column } = value as Record<string, unknown>
  switch (type) {
    case 'ready':
    case 'run-again':
    case 'run-with':
    case 'debug':
    case 'replay':
    case 'open-cid':
      return { type }
    case 'save':
      return isOneOf(sides, side) ? { type, side } : undefined
    case 'copy':
      return typeof text === 'string' && text.length <= maxCopied ? { type, text } : undefined
    case 'choose':
      return isOneOf(sides, side) && isOneOf(formats, format) ? { type, side, format } : undefined
    case 'open-source':
      return isPlace(file, line, column) ? { type, ...toPlace(file, line, column) } : undefined
    default:
      return undefined
  }
}

function isOneOf<T extends string>(known: readonly T[], value: unknown): value is T {
  return known.some((each) => each === value)
}

function isPlace(file: unknown, line: unknown, column: unknown): boolean {
  return typeof file === 'string' && file.length < 1024 && isCount(line) && isCount(column)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function toPlace(
  file: unknown,
  line: unknown,
  column: unknown,
): { file: string; line: number; column: number } {
  return { file: String(file), line: Number(line), column: Number(column) }
}
