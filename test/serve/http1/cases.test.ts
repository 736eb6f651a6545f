// What is a request and what is not, the same whether it comes in one piece or byte by byte.

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cases } from './cases.ts'
import { exchange, parsers, serve, statusesOf } from './wire.ts'

for (const parser of parsers) {
  suite(`requests as bytes, ${parser}`, () => {
    for (const { section, name, sent, statuses, node } of cases) {
      test(`${section}: ${name}`, async (t) => {
        const { port } = await serve(t, parser)
        const wanted = parser === 'node' && node ? node : statuses
        assert.deepEqual(statusesOf(await exchange(port, sent)), wanted)
        if (sent.length > 3_000) return
        assert.deepEqual(statusesOf(await exchange(port, ...sent)), wanted, 'byte by byte')
      })
    }
  })
}
