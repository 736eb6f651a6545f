// Lines to offsets and back, on what a compiler tells of two functions.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DebugFunction, DebugInfo } from '../../src/debug-info.ts'
import { Lines } from '../../src/debug/session/lines.ts'

const fn = (name: string, start: number, end: number, body: number): DebugFunction => {
  return { name, start, end, body, variables: [] }
}
const row = (offset: number, line: number, source = 0): DebugInfo['rows'][0] => ({
  offset,
  source,
  line,
  column: 1,
})

/** Of line 3 there is code in two functions: it was put into the second as well. */
const info: DebugInfo = {
  sources: ['/sources/a.ts', '~lib/array.ts'],
  rows: [
    row(10, 2),
    row(14, 3),
    row(18, 0),
    row(20, 3),
    row(22, 5),
    row(30, 7),
    row(34, 3),
    row(36, 9, 1),
    row(38, 8),
  ],
  functions: [fn('first', 10, 26, 14), fn('second', 30, 42, 30)],
  ...{ globals: [], types: [] },
}
const lines = new Lines(info)

test('a line is bound in each function that has code of it, behind what sets that up', () => {
  assert.deepEqual(lines.bind('/sources/a.ts', 3), { line: 3, offsets: [14, 34] })
  assert.deepEqual(lines.bind('/sources/a.ts', 2), { line: 2, offsets: [14] })
})

test('a line without code is bound at the next that has some, or not at all', () => {
  assert.deepEqual(lines.bind('/sources/a.ts', 4), { line: 5, offsets: [22] })
  assert.equal(lines.bind('/sources/a.ts', 9), undefined)
})

test('a file that is not part of the module has no line', () => {
  assert.equal(lines.bind('/sources/b.ts', 3), undefined)
  assert.equal(lines.has('/sources/b.ts'), false)
  assert.equal(lines.has('/sources/x/../a.ts'), true)
})

test('an offset has the row before it, and none where no line stands for the code', () => {
  assert.equal(lines.rowAt(15)?.line, 3)
  assert.equal(lines.rowAt(19), undefined)
  assert.equal(lines.nearestRowAt(19)?.line, 3)
  assert.equal(lines.rowAt(5), undefined)
  assert.equal(lines.nearestRowAt(37)?.line, 9)
  assert.equal(lines.nearestRowAt(37, ({ source }) => source === 0)?.line, 3)
  // What comes before it in another function says nothing.
  assert.equal(
    lines.nearestRowAt(31, ({ line }) => line === 5),
    undefined,
  )
})

test('functions end where they end', () => {
  assert.equal(lines.functionAt(25)?.name, 'first')
  assert.equal(lines.functionAt(26), undefined)
  assert.equal(lines.functionAt(9), undefined)
})

test('a step passes all code of its line, and no two ranges touch', () => {
  assert.deepEqual(lines.lineRanges(14), [[14, 22]])
  assert.deepEqual(lines.lineRanges(36), [[36, 38]])
  assert.deepEqual(lines.lineRanges(19), [[14, 22]])
  assert.deepEqual(lines.lineRanges(27), [])
})
