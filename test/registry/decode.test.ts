// Events as a chain sends them, and as it should not.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { decodeCurrentChanged, decodePublished } from '../../src/registry/decode.ts'

const word = `0x${Buffer.from('a'.repeat(31)).toString('hex')}`
const published = {
  keys: ['0x1', '0x6869', '0xabc'],
  data: ['0x2', '0x1', word, '0x6263', '0x2', '0xff', '0x1', '0x10', '0x0', '0x0', '0x0'],
}

it('reads a publication', () => {
  assert.deepEqual(decodePublished(published), {
    kind: 'published',
    name: 'hi',
    publisher: '0xabc',
    version: 2,
    cid: `${'a'.repeat(31)}bc`,
    sha256: `${'0'.repeat(31)}1${'0'.repeat(30)}ff`,
    size: 16,
    sourceCid: '',
  })
})

it('reads a change of the current version', () => {
  const event = { keys: published.keys, data: ['0x0', '0x7'] }
  const expected = { kind: 'current-changed', name: 'hi', version: 0, previous: 7 }
  assert.deepEqual(decodeCurrentChanged(event), expected)
})

const bad: Record<string, string[]> = {
  'is cut short': published.data.slice(0, 4),
  'has more words than data': ['0x2', '0xffffffff', '0x0'],
  'has text longer than its word': ['0x2', '0x0', '0x0', '0x1fffffffffffff'],
  'has a word longer than its text': ['0x2', '0x0', '0x616263', '0x2'],
  'has a number that is none': [`0x${'f'.repeat(62)}`],
  'has something else than field elements': ['two'],
}

for (const [what, data] of Object.entries(bad)) {
  it(`refuses an event that ${what}`, () => {
    assert.throws(() => decodePublished({ keys: published.keys, data }), { code: 'RPC_REFUSED' })
  })
}
