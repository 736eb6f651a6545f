import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { CID } from 'multiformats/cid'
import { codecOf, makeBlock, parseCid } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import type { ContentNode } from '../../src/content/node.ts'
import { type VerifiedPin, verifyPins } from '../../src/content/verify.ts'
import { addBytes, collectAll, madeBytes, startNode } from '../helpers/content.ts'

const mebibyte = 1024 * 1024

async function verifyAll(node: ContentNode): Promise<Map<string, VerifiedPin>> {
  const verified = await collectAll(verifyPins(node, node.pins.all()))
  return new Map(verified.map((pin) => [pin.cid.toString(), pin]))
}

async function blocksOf(node: ContentNode, root: string): Promise<CID[]> {
  return (await collectAll(walkDag(node, parseCid(root)))).map(({ cid }) => cid)
}

test('pins that are whole are told so, with their blocks counted once', async (t) => {
  const node = await startNode(t)
  const large = await addBytes(node, madeBytes(3 * mebibyte))
  const same = await addBytes(node, Buffer.alloc(3 * mebibyte))
  const verified = await verifyAll(node)
  assert.deepEqual([verified.get(large)?.goodCount, verified.get(large)?.bad], [4, []])
  assert.deepEqual([verified.get(same)?.goodCount, verified.get(same)?.bad], [2, []])
})

test('missing, cut and flipped blocks are each named by their CID, and other pins are not blamed', async (t) => {
  const node = await startNode(t)
  const whole = await addBytes(node, madeBytes(2 * mebibyte, 'whole'))
  const broken = await addBytes(node, madeBytes(4 * mebibyte, 'broken'))
  const [, missing, cut, flipped] = await blocksOf(node, broken)
  assert.ok(missing && cut && flipped)
  await node.blocks.delete(missing)
  await truncate(node.blocks.pathOf(cut), 1000)
  const bytes = Buffer.from(await node.get(flipped))
  bytes.writeUInt8(bytes.readUInt8(500_000) ^ 1, 500_000)
  await writeFile(node.blocks.pathOf(flipped), bytes)
  const verified = await verifyAll(node)
  assert.deepEqual(verified.get(whole)?.bad, [])
  assert.equal(verified.get(broken)?.goodCount, 2)
  assert.deepEqual(
    new Map(verified.get(broken)?.bad.map(({ cid, state }) => [cid.toString(), state])),
    new Map([
      [missing.toString(), 'missing'],
      [cut.toString(), 'damaged'],
      [flipped.toString(), 'damaged'],
    ]),
  )
})

test('of a direct pin only its own block counts, and a root that is gone is missing itself', async (t) => {
  const node = await startNode(t)
  const cbor = codecOf('dag-cbor')
  const absent = makeBlock(cbor.encode({ absent: true }), cbor)
  const direct = makeBlock(cbor.encode({ to: absent.cid }), cbor)
  await node.putBlock(direct, 'direct')
  const gone = await addBytes(node, Buffer.from('gone'))
  await node.blocks.delete(parseCid(gone))
  const verified = await verifyAll(node)
  assert.deepEqual(verified.get(direct.cid.toString())?.bad, [])
  assert.deepEqual(
    verified.get(gone)?.bad.map(({ state }) => state),
    ['missing'],
  )
})

test('it ends when that is asked for', async (t) => {
  const node = await startNode(t)
  await addBytes(node, Buffer.from('one'))
  await assert.rejects(collectAll(verifyPins(node, node.pins.all(), AbortSignal.abort())), {
    name: 'AbortError',
  })
})
