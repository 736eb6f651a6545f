// Events as a chain sends them, and as it should not.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { decodeCurrentChanged, decodePublished, eventDecoders } from '../../src/registry/decode.ts'

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

const others = {
  VersionYanked: [['0xabc'], ['0x3'], { kind: 'yanked', version: 3, account: '0xabc' }],
  VersionAttested: [
    ['0xabc'],
    ['0x3', '0xff', '0x0'],
    { kind: 'attested', version: 3, verifier: '0xabc', sha256: 'ff'.padStart(64, '0') },
  ],
  OwnershipTransferStarted: [['0xabc', '0xdef'], [], { kind: 'ownership-offered', account: '0xdef' }],
  OwnershipTransferred: [['0xabc', '0xdef'], [], { kind: 'ownership-transferred', account: '0xdef' }],
  MaintainerAdded: [['0xabc'], [], { kind: 'maintainer-added', account: '0xabc' }],
  MaintainerRemoved: [['0xabc'], [], { kind: 'maintainer-removed', account: '0xabc' }],
} satisfies Record<string, [string[], string[], object]>

for (const [event, [keys, data, expected]] of Object.entries(others)) {
  it(`reads ${event}, and refuses it when it is cut short`, () => {
    const decode = eventDecoders[event]
    assert.deepEqual(decode?.({ keys: ['0x1', '0x6869', ...keys], data }), { name: 'hi', ...expected })
    assert.throws(() => decode?.({ keys: ['0x1', '0x6869'], data }), { code: 'RPC_REFUSED' })
  })
}

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
