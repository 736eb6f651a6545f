// What goes in and out of the node leaves no trace in its memory, however much it is.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { encodeCar } from '../../src/content/car.ts'
import { type Block, codecOf, makeBlock } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import { addDefaults, collectAll, startNode } from '../helpers/content.ts'

const mebibyte = 1024 * 1024
const count = 128
/** Of what is kept while it goes through; all of it would be four times as much. */
const most = 32 * mebibyte

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heldBytes(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

/** Other bytes for each number, made when they are wanted. */
function chunk(index: number): Buffer {
  return Buffer.alloc(mebibyte, createHash('sha256').update(String(index)).digest())
}

test('a large CAR, a large file, and both on their way out, are not kept in memory', async (t) => {
  const node = await startNode(t)
  const before = heldBytes()
  const grown: Record<string, number> = {}
  const raw = codecOf('raw')
  async function* blocks(): AsyncGenerator<Block> {
    for (let index = 0; index < count; index++) yield makeBlock(chunk(index), raw)
    grown['import'] = heldBytes() - before
  }
  const { blockCount } = await node.importCar(encodeCar([makeBlock(chunk(0), raw).cid], blocks()), true)
  assert.equal(blockCount, count)

  async function* content(): AsyncGenerator<Buffer> {
    for (let index = 0; index < count; index++) yield chunk(count + index)
    grown['add'] = heldBytes() - before
  }
  const [added] = await collectAll(node.add([{ path: 'large', content: content() }], addDefaults))
  assert.ok(added)

  let bytes = 0
  for await (const part of encodeCar([added.cid], walkDag(node, added.cid))) bytes += part.length
  assert.ok(bytes > count * mebibyte)
  grown['export'] = heldBytes() - before
  for (const [what, growth] of Object.entries(grown))
    assert.ok(growth < most, `${what}: ${growth} bytes more`)
})
