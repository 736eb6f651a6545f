// Which names a client may use.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { validateName } from '../src/name.ts'

const refused: [string, RegExp][] = [
  ['', /"" is empty/],
  ['a'.repeat(32), /has 32 characters/],
  ['.', /is only dots/],
  ['..', /is only dots/],
  ['a b', /has " " in it/],
  ['a/b', /has "\/" in it/],
  ['a\\b', /in it/],
  ['grüße', /has "ü" in it/],
  ['a\u0000b', /in it/],
  ['a\n', /in it/],
  ['😀', /has "😀" in it/],
]

for (const [name, words] of refused) {
  it(`refuses ${JSON.stringify(name)}`, () => {
    assert.throws(() => validateName(name), { code: 'NAME_INVALID', message: words })
  })
}

it('takes 1 to 31 printable characters', () => {
  for (const name of ['a', 'a'.repeat(31), '...', 'image-resize_v2.1', '42', '0x41', '!~']) validateName(name)
})
