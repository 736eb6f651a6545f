// What the page of the invocation view may ask for, and nothing else: it shows what foreign functions made.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePageMessage } from '../../src/vscode/invocation/messages.ts'

test('what the page asks for is taken as it is, without what does not belong to it', () => {
  assert.deepEqual(parsePageMessage({ type: 'run-again', command: 'rm' }), { type: 'run-again' })
  assert.deepEqual(parsePageMessage({ type: 'save', side: 'output' }), { type: 'save', side: 'output' })
  assert.deepEqual(parsePageMessage({ type: 'choose', side: 'input', format: 'hex' }), {
    ...{ type: 'choose', side: 'input', format: 'hex' },
  })
  const place = { type: 'open-source', file: 'src/a.ts', line: 1, column: 2 }
  assert.deepEqual(parsePageMessage(place), place)
})

test('anything else is nothing', () => {
  const wrong: unknown[] = [
    ...[undefined, null, 'ready', 1, [], {}, { type: 'execute' }, { type: { toString: 'ready' } }],
    ...[
      { type: 'save', side: '__proto__' },
      { type: 'choose', side: 'input', format: 'html' },
    ],
    ...[
      { type: 'copy', text: 1 },
      { type: 'copy', text: 'x'.repeat(5 * 1024 * 1024) },
    ],
    ...[0, -1, 1.5, NaN, '1', Infinity].map((line) => ({ type: 'open-source', file: 'a', line, column: 1 })),
    { type: 'open-source', file: ['a'], line: 1, column: 1 },
  ]
  for (const value of wrong) assert.equal(parsePageMessage(value), undefined)
})
