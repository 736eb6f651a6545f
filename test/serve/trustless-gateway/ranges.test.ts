import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { addBytes, collectAll, madeBytes } from '../../helpers/content.ts'
import { type Plain, get, startWebsite } from './tree.ts'

const content = madeBytes(1000)

test('a block and a file are sent in ranges, a CAR and a TAR never (RFC 9110 section 14)', async (t) => {
  const { node, url } = await startWebsite(t)
  const cid = await addBytes(node, content, 'kubo-v1')
  for (const query of ['?format=raw', '', '?filename=x.bin']) {
    const ask = async (range: string, more = {}): Promise<[number, unknown, Buffer]> => {
      const answer = await get(url, { path: `/ipfs/${cid}${query}`, headers: { range, ...more } })
      assert.equal(answer.headers['accept-ranges'] ?? 'bytes', 'bytes')
      return [answer.status, answer.headers['content-range'], answer.body]
    }
    assert.deepEqual(await ask('bytes=10-19'), [206, 'bytes 10-19/1000', content.subarray(10, 20)])
    assert.deepEqual(await ask('bytes=990-'), [206, 'bytes 990-999/1000', content.subarray(990)])
    assert.deepEqual(await ask('bytes=990-5000'), [206, 'bytes 990-999/1000', content.subarray(990)])
    assert.deepEqual(await ask('bytes=-5'), [206, 'bytes 995-999/1000', content.subarray(995)])
    assert.deepEqual(await ask('bytes=-5000'), [206, 'bytes 0-999/1000', content])
    assert.deepEqual((await ask('bytes=1000-')).slice(0, 2), [416, 'bytes */1000'])
    assert.deepEqual((await ask('bytes=-0')).slice(0, 2), [416, 'bytes */1000'])
    // Path gateway, Range: of several the first that can be met.
    assert.deepEqual(await ask('bytes=5000-,1-2, 5-6'), [206, 'bytes 1-2/1000', content.subarray(1, 3)])
    for (const ignored of ['lines=1-2', 'bytes=9-1', 'bytes=', 'bytes=a-b', 'bytes=1-2,x', 'bytes=--1']) {
      assert.deepEqual((await ask(ignored)).slice(0, 2), [200, undefined], ignored)
    }
  }
  for (const format of ['car', 'tar']) {
    const answer = await get(url, { path: `/ipfs/${cid}?format=${format}`, headers: { range: 'bytes=0-1' } })
    assert.deepEqual([answer.status, answer.headers['accept-ranges']], [200, 'none'])
  }
})

test('a range of another version is the whole, and HEAD knows no ranges (RFC 9110 sections 13.1.5 and 14.2)', async (t) => {
  const { node, url } = await startWebsite(t)
  const cid = await addBytes(node, content, 'kubo-v1')
  for (const [query, tag] of [
    ['?format=raw', `"${cid}.raw"`],
    ['', `"${cid}"`],
  ] as const) {
    const ask = (ifRange: string, method = 'GET'): Promise<Plain> =>
      get(url, { path: `/ipfs/${cid}${query}`, method, headers: { range: 'bytes=0-9', 'if-range': ifRange } })
    assert.equal((await ask(tag)).status, 206)
    for (const other of ['"other"', `W/${tag}`, 'Mon, 23 Nov 2026 00:00:00 GMT']) {
      const { status, body } = await ask(other)
      assert.deepEqual([status, body.length], [200, 1000], other)
    }
    const head = await ask(tag, 'HEAD')
    assert.deepEqual([head.status, head.headers['content-length']], [200, '1000'])
  }
})

test('a range reads only the blocks that it needs: others may be missing (path gateway, Range)', async (t) => {
  const { node, url } = await startWebsite(t)
  const bytes = madeBytes(3_500_000)
  const cid = await addBytes(node, bytes)
  const [, first, , third] = (await collectAll(walkDag(node, parseCid(cid)))).map((block) => block.cid)
  for (const leaf of [first, third]) await node.blocks.delete(leaf ?? CID.parse(cid))
  const from = 1_048_576
  const answer = await get(url, { path: `/ipfs/${cid}`, headers: { range: `bytes=${from}-${2 * from - 1}` } })
  assert.deepEqual(
    [answer.status, answer.headers['content-range']],
    [206, `bytes ${from}-${2 * from - 1}/3500000`],
  )
  assert.ok(answer.body.equals(bytes.subarray(from, 2 * from)))
  assert.equal((await get(url, { path: `/ipfs/${cid}`, headers: { range: 'bytes=0-9' } })).status, 404)
})
