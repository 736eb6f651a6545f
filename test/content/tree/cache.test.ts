// Blocks in memory, and no more of them than is allowed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import { BlockCache } from '../../../src/content/tree/cache.ts'

const blockOf = (text: string): ReturnType<typeof makeBlock> => makeBlock(Buffer.from(text), codecOf('raw'))

test('the block that was not used for longest goes first', async () => {
  const cache = new BlockCache(12)
  const [one, two, three] = [blockOf('one.'), blockOf('two.'), blockOf('tri.')]
  for (const block of [one, two, three]) await cache.put(block)
  assert.equal(cache.bytes, 12)
  assert.ok(cache.find(one.cid))
  await cache.put(blockOf('four'))
  assert.equal(cache.find(two.cid), undefined)
  assert.ok(cache.find(one.cid) && cache.find(three.cid))
  assert.equal(cache.bytes, 12)
})

test('a block counts once, however often it comes, and under each codec and version', async () => {
  const cache = new BlockCache(100)
  const node = makeBlock(Buffer.from('same'), codecOf('raw'))
  await cache.put(node)
  await cache.put(makeBlock(Buffer.from('same'), codecOf('raw'), 1))
  assert.equal(cache.bytes, 4)
})

test('a block that is larger than all that is allowed is not kept, and nothing is counted for it', async () => {
  const cache = new BlockCache(3)
  await cache.put(blockOf('four'))
  assert.equal(cache.bytes, 0)
  await assert.rejects(cache.get(blockOf('four').cid), { code: 'CONTENT_NOT_FOUND' })
})
