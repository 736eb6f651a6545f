// What people write for a place in IPFS.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '../../../src/content/tree/address.ts'

const v0 = 'QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n'
const v1 = 'bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'

const written: [text: string, cid: string, ...segments: string[]][] = [
  [v0, v0],
  [` ${v1}\n`, v1],
  [v1.toUpperCase(), v1],
  [`${v1}/`, v1],
  [`${v1}/a/b c`, v1, 'a', 'b c'],
  [`${v1}/100%`, v1, '100%'],
  [`/ipfs/${v0}/a%20b?c#d`, v0, 'a%20b?c#d'],
  [`ipfs:${v1}`, v1],
  [`ipfs:/${v0}/a%20b`, v0, 'a b'],
  [`ipfs://${v0}/a%3Fb?c#d`, v0, 'a?b'],
  [`ipfs://ipfs/${v0}/x`, v0, 'x'],
  [`IPFS://${v1}`, v1],
  [`http://127.0.0.1:8080/ipfs/${v0}/%F0%9F%A6%80`, v0, '🦀'],
  [`https://${v1}.ipfs.dweb.link/a/b?format=raw`, v1, 'a', 'b'],
  [`https://${v1}.ipfs.dweb.link`, v1],
]

for (const [text, cid, ...segments] of written) {
  test(`${JSON.stringify(text)} is ${[cid.slice(0, 8), ...segments].join('/')}`, () => {
    const address = parseAddress(text)
    assert.equal(address.cid.toString(), cid)
    assert.deepEqual(address.segments, segments)
  })
}

const refused: [text: string, code: string][] = [
  ['', 'CID_INVALID'],
  ['/', 'CID_INVALID'],
  ['hello', 'CID_INVALID'],
  ['ipns://en.wikipedia-on-ipfs.org', 'CID_INVALID'],
  ['/ipfs/', 'CID_INVALID'],
  ['https://example.org/', 'CID_INVALID'],
  [v0.toLowerCase(), 'CID_INVALID'],
  [`${v1}/../x`, 'INPUT_INVALID'],
  [`${v1}/./x`, 'INPUT_INVALID'],
  [`ipfs://${v1}/%2e%2e/x`, 'INPUT_INVALID'],
  [`ipfs://${v1}/a%2Fb`, 'INPUT_INVALID'],
  [`ipfs://${v1}/%ff`, 'INPUT_INVALID'],
]

for (const [text, code] of refused) {
  test(`${JSON.stringify(text)} is refused with ${code}`, () => {
    assert.throws(() => parseAddress(text), { code })
  })
}
