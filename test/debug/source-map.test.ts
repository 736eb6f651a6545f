// Source maps of modules: one line, whose columns are offsets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeSourceMap } from '../../src/debug/info/source-map.ts'

const map = (more: object): string =>
  JSON.stringify({ version: 3, sources: ['a.ts', 'b.ts'], mappings: '', ...more })

test('offsets, sources, lines and columns follow one another', () => {
  // 16 -> a.ts:1:1; 18 -> a.ts:3:5; 20 -> b.ts:2:5; 1020 -> b.ts:2:1.
  const { rows } = decodeSourceMap(map({ mappings: 'gBAAA,EAEI,ECDA,w+BAAJ' }))
  assert.deepEqual(rows, [
    { offset: 16, source: 0, line: 1, column: 1 },
    { offset: 18, source: 0, line: 3, column: 5 },
    { offset: 20, source: 1, line: 2, column: 5 },
    { offset: 1020, source: 1, line: 2, column: 1 },
  ])
})

test('a segment without a source is code that no line stands for', () => {
  const { rows } = decodeSourceMap(map({ mappings: 'IAAA,E' }))
  assert.deepEqual(rows[1], { offset: 6, source: 0, line: 0, column: 0 })
})

test('the root is put before all sources but those of libraries', () => {
  const sources = ['index.ts', '~lib/string.ts', null]
  assert.deepEqual(decodeSourceMap(map({ sources, sourceRoot: 'src/' })).sources, [
    'src/index.ts',
    '~lib/string.ts',
    'src/',
  ])
})

test('no mappings are no rows; what is no map is refused', () => {
  assert.deepEqual(decodeSourceMap(map({})).rows, [])
  for (const text of ['', '{}', '[]', map({ version: 2 }), map({ mappings: 5 })])
    assert.throws(() => decodeSourceMap(text), `${text} is taken`)
})
