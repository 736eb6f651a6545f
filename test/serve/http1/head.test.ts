// What a reply may say in its head.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHead } from '../../../src/serve/http1/head.ts'

test('headers that would break the framing are refused', () => {
  assert.throws(() => createHead(200, [['X', 'a\r\nY: b']]), TypeError)
  assert.throws(() => createHead(200, [['X: Y', 'a']]), TypeError)
  for (const name of ['Content-Length', 'transfer-encoding', 'Connection', 'Date']) {
    assert.throws(() => createHead(200, [[name, '1']]), /set by the connection/)
  }
  for (const status of [100, 199, 600, 200.5, Number.NaN]) assert.throws(() => createHead(status), TypeError)
})

test('a head is put together once a date', () => {
  const head = createHead(201, [['X', 'y']])
  assert.equal(head.at('now'), 'HTTP/1.1 201 Created\r\nX: y\r\nDate: now\r\nContent-Length: ')
  assert.equal(head.at('then'), 'HTTP/1.1 201 Created\r\nX: y\r\nDate: then\r\nContent-Length: ')
})
