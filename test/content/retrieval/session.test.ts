// A walk over a session: each block comes verified and once, whoever fails on the way.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { type Selection } from '../../../src/content/dag/select.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { addBytes, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { startRelay } from '../../helpers/relay.ts'

import { addTree, expected, fetchAll, mebibyte, served } from './sessions.ts'

const shapes: { segments: string[]; selection: Partial<Selection> }[] = [
  { segments: [], selection: { scope: 'all' } },
  { segments: [], selection: { scope: 'entity' } },
  { segments: [], selection: { scope: 'block' } },
  { segments: ['big'], selection: { scope: 'entity', entityBytes: { from: 1_100_000, to: 2_200_000 } } },
  { segments: ['big'], selection: { scope: 'entity', entityBytes: { from: -10 } } },
  { segments: ['sub', 'ünï & code?.txt'], selection: { scope: 'all' } },
  { segments: ['many', 'file-12.txt'], selection: { scope: 'entity' } },
  { segments: ['many'], selection: { scope: 'entity' } },
]

test('paths, scopes and ranges', async (t) => {
  const node = await startNode(t)
  const cid = await addTree(node)
  const good = await startGateway(t, node)
  for (const { segments, selection } of shapes) {
    const shape = JSON.stringify({ path: segments.join('/'), ...selection })
    const wanted = await expected(node, cid, segments, selection)

    await t.test(`what is asked for comes in one request, in order: ${shape}`, async (t) => {
      const relay = await startRelay(t, good)
      const { cids } = await fetchAll(t, cid, [relay.url], { segments, selection })
      assert.deepEqual(cids, wanted)
      assert.equal(relay.paths.length, 1)
    })

    await t.test(`a gateway that has no CAR gives it block by block: ${shape}`, async (t) => {
      const relay = await startRelay(t, good, {
        answer: (request, response) => {
          if (request.url?.includes('format=raw')) return false
          response.writeHead(406).end()
          return true
        },
      })
      const { cids } = await fetchAll(t, cid, [relay.url], { segments, selection })
      assert.deepEqual(cids, wanted)
      // It is asked for a CAR once, and for no block twice.
      const raw = relay.paths.filter((path) => path.includes('format=raw'))
      assert.equal(raw.length, relay.paths.length - 1)
      assert.equal(new Set(raw).size, raw.length)
    })

    await t.test(`whoever breaks off in the middle, the rest comes from another: ${shape}`, async (t) => {
      for (const cutAfter of [150, 40_000, 1_500_000]) {
        const broken = await startRelay(t, good, { cutAfter })
        const { cids } = await fetchAll(t, cid, [broken.url, good], { segments, selection })
        assert.deepEqual(cids, wanted, `cut after ${cutAfter}`)
      }
    })
  }
})

test('a block that one gateway gave is asked of no other', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(9 * mebibyte))
  const real = await startGateway(t, node)
  const broken = await startRelay(t, real, {
    cutAfter: 5.5 * mebibyte,
    answer: (request, response) => {
      if (request.url?.includes(cid)) return false
      response.writeHead(404).end()
      return true
    },
  })
  const other = await startRelay(t, real, {
    // It lacks the root, so that the race is won by the one that breaks off.
    answer: (request, response) => {
      if (!request.url?.startsWith(`/ipfs/${cid}`)) return false
      response.writeHead(404).end()
      return true
    },
  })
  const { cids, events } = await fetchAll(t, cid, [broken.url, other.url])
  assert.deepEqual(cids, await expected(node, cid))
  const [kept, rest] = [served(events, broken.url), served(events, other.url)]
  assert.equal(kept.length, 6)
  assert.deepEqual([...kept, ...rest].sort(), [...cids].sort())
  assert.equal(other.bytes, 4 * mebibyte)
})

test('who is cut off once is asked for the rest', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(5 * mebibyte))
  const only = await startRelay(t, await startGateway(t, node), { cutAfter: 2.5 * mebibyte })
  assert.deepEqual((await fetchAll(t, cid, [only.url])).cids, await expected(node, cid))
})

test('what came is kept in a store: the next try asks for the rest alone', async (t) => {
  const [there, here] = [await startNode(t), await startNode(t)]
  const cid = await addBytes(there, madeBytes(9 * mebibyte))
  const store = {
    get: (wanted: Parameters<ContentNode['get']>[0]) => here.get(wanted),
    put: (block: Parameters<ContentNode['putBlock']>[0]) => here.putBlock(block),
  }
  const real = await startGateway(t, there)
  const broken = await startRelay(t, real, {
    cutAfter: 5.5 * mebibyte,
    answer: (request, response) => {
      if (request.url?.includes(cid)) return false
      response.writeHead(404).end()
      return true
    },
  })
  await assert.rejects(fetchAll(t, cid, [broken.url], { store }), { code: 'GATEWAYS_FAILED' })
  const good = await startRelay(t, real)
  const { cids, events } = await fetchAll(t, cid, [good.url], { store })
  assert.deepEqual(cids, await expected(there, cid))
  assert.equal(served(events, good.url).length, 4)
  assert.equal(good.bytes, 4 * mebibyte)
  // All of it is here now: nobody needs to be asked.
  assert.deepEqual((await fetchAll(t, cid, [], { store })).cids, cids)
  await here.pin(parseCid(cid))
})

test('a block that is wanted again after others is fetched again when nothing kept it', async (t) => {
  const node = await startNode(t)
  const part = madeBytes(20 * mebibyte)
  const cid = await addBytes(node, Buffer.concat([part, part]))
  const { cids, events } = await fetchAll(t, cid, [await startGateway(t, node)], { selection: { dups: 'y' } })
  assert.equal(cids.length, 41)
  assert.deepEqual(cids, await expected(node, cid, [], { dups: 'y' }))
  assert.ok(!events.some(({ kind }) => kind === 'failed'))
})

test('a path that leads nowhere is proved by the blocks on it, whatever the gateway answers', async (t) => {
  const node = await startNode(t)
  const cid = await addTree(node)
  const gateways = [await startGateway(t, node)]
  for (const segments of [['gone'], ['sub', 'gone'], ['many', 'gone'], ['..', 'x'], ['.']]) {
    await assert.rejects(fetchAll(t, cid, gateways, { segments }), { code: 'CONTENT_NOT_FOUND' })
  }
})
