// What stands on a command line as text, as the values that verbs take.

import { InvalidArgumentError } from 'commander'

/** Of an option that may be given again. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

export function parseVersion(text: string): number {
  if (parseCount(text) > 0) return Number(text)
  throw new InvalidArgumentError('versions count from 1')
}

export function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 0) throw new InvalidArgumentError('not a whole number')
  return count
}
