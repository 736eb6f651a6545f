// What may be a name: the rule of the contract, checked before anything is built or sent.

import { WasmateError } from './base/errors.ts'

/** 1 to 31 printable ASCII characters without space, slash and backslash; throws NAME_INVALID. */
export function validateName(name: string): void {
  const wrong = findFault(name)
  if (wrong) throw new WasmateError('NAME_INVALID', `${JSON.stringify(name)} ${wrong}`)
}

function findFault(name: string): string | undefined {
  if (name.length === 0) return 'is empty'
  if (name.length > 31) return `has ${name.length} characters`
  // In a URL or a path these two mean something else.
  if (name === '.' || name === '..') return 'is only dots'
  const bad = /[^!-~]|[/\\]/u.exec(name)
  return bad ? `has ${JSON.stringify(bad[0])} in it` : undefined
}
