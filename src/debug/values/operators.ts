// What two numbers, texts or truths come to. Whole numbers are bigints: of 64 bits all count, and a division leaves no
// fraction, as in the function itself. Nothing overflows.

import type { Scalar } from './values.ts'

/** Throws RangeError for a division by zero. */
export function combine(operator: string, left: Scalar, right: Scalar): Scalar {
  const isEqual = same(left, right)
  if (operator === '==' || operator === '===') return isEqual
  if (operator === '!=' || operator === '!==') return !isEqual
  if (typeof left === 'string' || typeof right === 'string')
    return operator === '+' ? `${left}${right}` : compare(operator, String(left), String(right))
  if (typeof left === 'bigint' && typeof right === 'bigint')
    return wholeNumbers[operator]?.(left, right) ?? compare(operator, left, right)
  const [one, other] = [Number(left), Number(right)]
  return numbers[operator]?.(one, other) ?? compare(operator, one, other)
}

const wholeNumbers: Record<string, (one: bigint, other: bigint) => bigint> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
  '%': (one, other) => one % other,
}

const numbers: Record<string, (one: number, other: number) => number> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
  '%': (one, other) => one % other,
}

/** Numbers of all widths are one kind, and so is a truth: `flag == 1`. A pointer to nothing is 0. */
function same(left: Scalar, right: Scalar): boolean {
  if (typeof left === 'string' || typeof right === 'string') return left === right
  if (left === null || right === null) return isNothing(left) && isNothing(right)
  if (typeof left === 'bigint' && typeof right === 'bigint') return left === right
  return Number(left) === Number(right)
}

function isNothing(scalar: Scalar): boolean {
  return scalar === null || scalar === 0n
}

function compare<T extends string | number | bigint>(operator: string, one: T, other: T): boolean {
  if (operator === '<') return one < other
  if (operator === '>') return one > other
  return operator === '<=' ? one <= other : one >= other
}
