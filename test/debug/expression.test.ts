// Expressions of conditions and watches, as text; what they are worth is tested in a session.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Expression, parseExpression } from '../../src/debug/values/expression.ts'

/** With brackets around all that is combined. */
function show(expression: Expression): string {
  switch (expression.is) {
    case 'constant':
      return typeof expression.value === 'bigint' ? `${expression.value}` : JSON.stringify(expression.value)
    case 'name':
      return expression.name
    case 'field':
      return `${show(expression.of)}.${expression.name}`
    case 'element':
      return `${show(expression.of)}[${show(expression.at)}]`
    case 'unary':
      return `(${expression.operator}${show(expression.of)})`
    case 'binary':
      return `(${show(expression.left)} ${expression.operator} ${show(expression.right)})`
  }
}

const understood: [text: string, shown: string][] = [
  ['a', 'a'],
  [' $x_1 ', '$x_1'],
  ['0x1F', '31'],
  ['1.5e3', '1500'],
  ['"a\\"b\\n"', '"a\\"b\\n"'],
  ["'x'", '"x"'],
  ['null', 'null'],
  ['NULL', 'null'],
  ['true', 'true'],
  ['a + b * c - d', '((a + (b * c)) - d)'],
  ['a < b == c >= d', '((a < b) == (c >= d))'],
  ['a || b && c', '(a || (b && c))'],
  ['(a || b) && c', '((a || b) && c)'],
  ['!a.b[0].c', '(!a.b[0].c)'],
  ['*p->next.x', '(*p.next.x)'],
  ['-a % -2', '((-a) % (-2))'],
  ['list[i + 1]["key"]', 'list[(i + 1)]["key"]'],
  ['a !== b', '(a !== b)'],
]

for (const [text, shown] of understood)
  test(`${text} is understood`, () => assert.equal(show(parseExpression(text)), shown))

const refused: [text: string, said: RegExp][] = [
  ['', /nothing to evaluate/],
  ['   ', /nothing to evaluate/],
  ['a b', /not understood: b/],
  ['a +', /something is missing/],
  ['f(1)', /not understood: \(/],
  ['a = 1', /not understood: = 1/],
  ['a; b', /not understood: ; b/],
  ['list[1', /\] is missing/],
  ['(a', /\) is missing/],
  ['a.', /a name is missing/],
  ['a.1', /a name is missing/],
  ['"open', /not understood: "open/],
  [']', /not understood: \]/],
  ['ä', /not understood: ä/],
]

for (const [text, said] of refused)
  test(`${JSON.stringify(text)} is refused, and it is said why`, () =>
    assert.throws(
      () => parseExpression(text),
      (error) => error instanceof SyntaxError && said.test(error.message),
    ))
