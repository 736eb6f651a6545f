// What an expression is worth in a frame: a value of the module, or a number, text or truth that follows from some.

import { type Expression, parseExpression } from '../values/expression.ts'
import type { Frame } from './frame.ts'
import { combine } from '../values/operators.ts'
import { mostEntries } from '../values/references.ts'
import { type Scalar, type Value, addressOf } from '../values/values.ts'

export type Worth = { value: Value } | { scalar: Scalar }

/** Throws an Error that says what is not there. */
export function evaluate(text: string, frame: Frame): Promise<Worth> {
  return worthOf(parseExpression(text), frame)
}

/** As a condition: what has parts holds. */
export async function holds(text: string, frame: Frame): Promise<boolean> {
  return isTruth(await evaluate(text, frame), frame)
}

async function isTruth(worth: Worth, frame: Frame): Promise<boolean> {
  const scalar = await scalarOf(worth, frame)
  return scalar === undefined || Boolean(scalar)
}

/** `{name}` and `{list[0].x}` in the text of a logpoint. */
export async function interpolate(text: string, frame: Frame): Promise<string> {
  const pieces = text.split(/\{([^{}]+)\}/)
  const said = await Promise.all(
    pieces.map(async (piece, place) => {
      if (place % 2 === 0) return piece
      try {
        return await sayWorth(await evaluate(piece, frame), frame)
      } catch (error) {
        return `{${piece}: ${error instanceof Error ? error.message : String(error)}}`
      }
    }),
  )
  return said.join('')
}

/** A text of a logpoint is read as it is, without quotation marks. */
async function sayWorth(worth: Worth, frame: Frame): Promise<string> {
  const scalar = await textOrScalarOf(worth, frame)
  if (typeof scalar === 'string' || 'scalar' in worth) return String(scalar)
  return frame.values.show(worth.value)
}

async function scalarOf(worth: Worth, { values }: Frame): Promise<Scalar | undefined> {
  return 'scalar' in worth ? worth.scalar : values.scalar(worth.value)
}

/** Where a text is meant: of C what a pointer to characters leads to. */
async function textOrScalarOf(worth: Worth, frame: Frame): Promise<Scalar | undefined> {
  const text = 'value' in worth ? await frame.values.text(worth.value) : undefined
  return text ?? scalarOf(worth, frame)
}

async function worthOf(expression: Expression, frame: Frame): Promise<Worth> {
  switch (expression.is) {
    case 'constant':
      return { scalar: expression.value }
    case 'name': {
      const value = await frame.find(expression.name)
      if (!value) throw new Error(`there is no ${expression.name} here`)
      return { value }
    }
    case 'field': {
      const path = pathOf(expression)
      const value = path === undefined ? undefined : await frame.find(path)
      if (value) return { value }
      return fieldOf(await worthOf(expression.of, frame), expression.name, frame)
    }
    case 'element': {
      const at = await scalarOf(await worthOf(expression.at, frame), frame)
      return elementOf(await worthOf(expression.of, frame), at, frame)
    }
    case 'unary': {
      const worth = await worthOf(expression.of, frame)
      if (expression.operator === '*') return partOf(worth, '*', frame)
      const scalar = await scalarOf(worth, frame)
      if (expression.operator === '!') return { scalar: scalar === undefined ? false : !scalar }
      if (typeof scalar === 'bigint') return { scalar: -scalar }
      return { scalar: -Number(scalar) }
    }
    case 'binary':
      return binaryOf(expression, frame)
  }
}

/** What follows `&&` and `||` may be there only where that counts: `next != null && next.x == 1`. */
async function binaryOf(
  { operator, left, right }: Extract<Expression, { is: 'binary' }>,
  frame: Frame,
): Promise<Worth> {
  const one = await worthOf(left, frame)
  if (operator === '&&' || operator === '||')
    return (await isTruth(one, frame)) === (operator === '&&') ? worthOf(right, frame) : one
  const other = await worthOf(right, frame)
  const isText = (side: Worth): boolean => 'scalar' in side && typeof side.scalar === 'string'
  const read = isText(one) || isText(other) ? comparedOf : scalarOf
  const [first, second] = [await read(one, frame), await read(other, frame)]
  if (first !== undefined && second !== undefined) return { scalar: combine(operator, first, second) }
  const isSame = areSame(first === null ? null : one, second === null ? null : other, frame)
  if (isSame === undefined || !/^[=!]==?$/.test(operator))
    throw new Error(`${operator} is for numbers and texts; one side has parts`)
  return { scalar: isSame === operator.startsWith('=') }
}

/** Beside a text a character is one too: `letter == 'q'`. */
async function comparedOf(worth: Worth, frame: Frame): Promise<Scalar | undefined> {
  const character = 'value' in worth ? frame.values.character(worth.value) : undefined
  return character ?? textOrScalarOf(worth, frame)
}

/** Of what has parts: the same object, or none. */
function areSame(one: Worth | null, other: Worth | null, { values }: Frame): boolean | undefined {
  if (one === null || other === null) return one === other
  if (!('value' in one) || !('value' in other)) return undefined
  const isObject = ({ value }: { value: Value }): boolean => values.typeOf(value.type).kind === 'reference'
  return isObject(one) && isObject(other)
    ? addressOf(one.value.bytes) === addressOf(other.value.bytes)
    : undefined
}

/** `Shape.total`: what belongs to a class is a global of that name. */
function pathOf(expression: Expression): string | undefined {
  if (expression.is === 'name') return expression.name
  const of = expression.is === 'field' ? pathOf(expression.of) : undefined
  return of !== undefined && expression.is === 'field' ? `${of}.${expression.name}` : undefined
}

async function fieldOf(worth: Worth, name: string, frame: Frame): Promise<Worth> {
  if (!('value' in worth)) throw new Error(`there is no .${name}: it has no parts`)
  const { values } = frame
  const type = values.typeOf(worth.value.type)
  // `q->x` and `q.x` are the same to a reader.
  if (type.kind === 'pointer' && type.to !== undefined && addressOf(worth.value.bytes) !== 0)
    return fieldOf({ value: await values.at(type.to, addressOf(worth.value.bytes)) }, name, frame)
  const found = (await values.parts(worth.value)).find((each) => each.name === name)
  if (found) return { value: found.value }
  if (name === 'length' || name === 'size') {
    const scalar = await values.scalar(worth.value)
    return { scalar: BigInt(typeof scalar === 'string' ? scalar.length : await values.count(worth.value)) }
  }
  throw new Error(`there is no .${name}`)
}

async function elementOf(worth: Worth, at: Scalar | undefined, frame: Frame): Promise<Worth> {
  const name = typeof at === 'string' ? JSON.stringify(at) : String(at)
  if (!('value' in worth)) return partOf(worth, name, frame)
  const { values } = frame
  const type = values.typeOf(worth.value.type)
  if (type.kind === 'pointer' && type.to !== undefined) {
    const address = addressOf(worth.value.bytes) + Number(at) * values.sizeOf(type.to)
    return { value: await values.at(type.to, address) }
  }
  const start = typeof at === 'bigint' && at >= 0n ? Number(at) : 0
  const found = (await values.parts(worth.value, start, 1)).find((each) => each.name === name)
  return found ? { value: found.value } : partOf(worth, name, frame)
}

/** Of a map, whose keys are in no order, all are looked at. */
async function partOf(worth: Worth, name: string, { values }: Frame): Promise<Worth> {
  const parts = 'value' in worth ? await values.parts(worth.value, 0, mostEntries) : []
  const found = parts.find((each) => each.name === name)
  if (!found) throw new Error(`there is no [${name}]`)
  return { value: found.value }
}
