// What functions in AssemblyScript allocate, with the library that is compiled beside them: the collector takes it back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerOf } from '../helpers/answer.ts'
import { makeBuilder, makeSource } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

test('what a function allocates before it has a text is collected, and nothing of the library is in the way', async (t) => {
  const builder = makeBuilder(t)
  const fill = 'for (let i = 0; i < 5_000; i++) map.set(i, i)'
  const source = await makeSource(await temporaryFolder(t), 'collected', {
    'index.ts': `export function f(): i32 { const map = new Map<i32, i32>(); ${fill}; return map.size == 5_000 ? 0 : 1 }
      export function timed(): i32 { const map = new Map<i32, i32>(); ${fill}
        console.time('t'); ${fill}; console.timeEnd('t'); return f() }`,
  })
  for (const { bytes } of [await builder.compile(source), await builder.compileForDebugger(source)]) {
    for (const name of ['f', 'timed']) assert.equal(await answerOf(bytes, name, '', { wasi: true }), '')
  }
})
