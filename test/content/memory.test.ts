// What goes in and out of the node leaves no trace in its memory, however much it is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCar } from '../../src/content/car.ts'
import { type Block, codecOf, makeBlock } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import { addDefaults, collectAll, startNode } from '../helpers/content.ts'
import { heldBytes, largeChunk, largeContent, mebibyte } from '../helpers/large.ts'

const count = 128
/** Of what is kept while it goes through; all of it would be four times as much. */
const most = 32 * mebibyte

test('a large CAR, a large file, and both on their way out, are not kept in memory', async (t) => {
  const node = await startNode(t)
  const before = await heldBytes()
  const grown: Record<string, number> = {}
  const measure = async (what: string): Promise<void> => {
    grown[what] = (await heldBytes()) - before
  }
  const raw = codecOf('raw')
  async function* blocks(): AsyncGenerator<Block> {
    for await (const chunk of largeContent({ first: 0, count }, () => measure('import')))
      yield makeBlock(chunk, raw)
  }
  const { blockCount } = await node.importCar(encodeCar([makeBlock(largeChunk(0), raw).cid], blocks()), true)
  assert.equal(blockCount, count)

  const content = largeContent({ first: count, count }, () => measure('add'))
  const [added] = await collectAll(node.add([{ path: 'large', content }], addDefaults))
  assert.ok(added)

  let bytes = 0
  for await (const part of encodeCar([added.cid], walkDag(node, added.cid))) bytes += part.length
  assert.ok(bytes > count * mebibyte)
  await measure('export')
  for (const [what, growth] of Object.entries(grown))
    assert.ok(growth < most, `${what}: ${growth} bytes more`)
})
