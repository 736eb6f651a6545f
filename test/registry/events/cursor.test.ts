// How far back a reorganisation goes, told by the blocks that were seen.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Anchor, Trail } from '../../../src/registry/events/cursor.ts'

const start = { address: '0x1', blockNumber: 0, anchors: [] }
const at = (blockNumber: number, chain = 'a'): Anchor => ({
  blockNumber,
  blockHash: `${chain}${blockNumber}`,
})

/** The chain that was followed up to a block, and another one from there on. */
const forkedAfter = (block: number): ((anchor: Anchor) => Promise<boolean>) => {
  return async ({ blockNumber, blockHash }) =>
    blockHash === at(blockNumber, blockNumber > block ? 'b' : 'a').blockHash
}

it('goes back to the last block that is still there', async () => {
  const trail = new Trail(start)
  for (const block of [3, 7, 9]) trail.note(at(block))
  assert.equal(await trail.findFork(forkedAfter(9)), undefined)
  assert.equal(await trail.findFork(forkedAfter(8)), 7)
  assert.equal(await trail.findFork(forkedAfter(2)), 0)
})

it('finds blocks that were replaced behind the newest one', async () => {
  const trail = new Trail(start)
  for (const anchor of [at(3), at(7), at(9, 'b')]) trail.note(anchor)
  assert.equal(await trail.findFork(forkedAfter(5)), 3)
})

it('knows all of a block only when another one has come, or it was the head', () => {
  const trail = new Trail(start)
  trail.note(at(5))
  assert.equal(trail.blockNumber, 4)
  trail.note(at(8))
  assert.equal(trail.blockNumber, 7)
  trail.arrive(at(8))
  assert.equal(trail.blockNumber, 8)
})

it('keeps of blocks without events only the newest, and of the others so many', () => {
  const trail = new Trail(start)
  trail.note(at(1))
  for (let block = 2; block < 50; block++) trail.arrive(at(block))
  assert.deepEqual(trail.toCursor().anchors, [at(1), at(49)])
  for (let block = 100; block < 300; block++) trail.note(at(block))
  const { anchors } = trail.toCursor()
  assert.deepEqual([anchors.length, anchors.at(-1)], [64, at(299)])
})

it('forgets what comes after the block that it is cut to', async () => {
  const trail = new Trail(start)
  for (const block of [3, 7, 9]) trail.note(at(block))
  trail.cutTo(7)
  assert.deepEqual(trail.toCursor(), { address: '0x1', blockNumber: 7, anchors: [at(3), at(7)] })
  trail.note(at(8, 'b'))
  assert.equal(await trail.findFork(forkedAfter(7)), undefined)
})

it('tells a block that can’t be of the same chain', () => {
  const trail = new Trail(start)
  trail.note(at(3))
  assert.deepEqual(
    [trail.contradicts(at(3, 'b')), trail.contradicts(at(3)), trail.contradicts(at(4, 'b'))],
    [true, false, false],
  )
})
