// The life of pin requests, over restarts, removals and replacements.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { addBytes, collectAll, madeBytes, startNode } from '../../helpers/content.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { heldBack, pair, pinned, startService } from '../../helpers/pinning.ts'
import { until } from '../../helpers/until.ts'

test('a request that a restart interrupts goes on by itself under the same id, with what came before', async (t) => {
  const { there, cid } = await pair(t)
  const folder = await temporaryFolder(t)
  const first = await startNode(t, folder)
  const held = heldBack(there)
  const before = await startService(t, first, { fetch: held.fetch })
  const { requestid, created } = await before.add({ cid, name: 'long' })
  await until(async () => (await collectAll(first.blocks.list())).length === 3, 'all but the last block')
  assert.equal((await before.get(requestid)).status, 'pinning')
  await before.close()
  await first.stop()
  held.open()
  const second = await startNode(t, folder)
  assert.deepEqual([pinned(second), (await collectAll(second.blocks.list())).length], [[], 3])
  const after = await startService(t, second, { fetch: held.fetch })
  const ended = await after.ended(requestid)
  assert.deepEqual([ended.status, ended.created, ended.pin.name], ['pinned', created, 'long'])
  assert.deepEqual(pinned(second), [[cid, 'recursive', 'long']])
  assert.equal((await after.send('DELETE', `/pins/${requestid}`)).status, 202)
  assert.deepEqual(pinned(second), [])
})

test('what ended before a restart is as it was, and is not fetched again', async (t) => {
  const { there, cid } = await pair(t)
  const node = await startNode(t)
  const held = heldBack(there)
  held.open()
  const before = await startService(t, node, { fetch: held.fetch })
  const ended = await before.ended((await before.add({ cid })).requestid)
  await before.close()
  const after = await startService(t, node, { fetch: held.fetch })
  const again = await after.get(ended.requestid)
  assert.deepEqual({ ...again, delegates: [] }, { ...ended, delegates: [] })
  assert.deepEqual(held.asked, [cid])
  const next = await after.add({ cid: 'bafkqaaa' })
  assert.ok(next.created > ended.created)
})

test('a removal breaks off what is being fetched and leaves nothing of it', async (t) => {
  const { here, there, cid } = await pair(t)
  const service = await startService(t, here, { fetch: heldBack(there).fetch })
  const { requestid } = await service.add({ cid })
  await until(async () => (await collectAll(here.blocks.list())).length > 0, 'the first block')
  const response = await service.send('DELETE', `/pins/${requestid}`)
  assert.deepEqual([response.status, await response.text()], [202, ''])
  assert.equal((await service.send('GET', `/pins/${requestid}`)).status, 404)
  assert.deepEqual([pinned(here), await collectAll(here.blocks.list())], [[], []])
})

test('a removal at any moment is the last word', async (t) => {
  const node = await startNode(t)
  const service = await startService(t, node)
  const cids = await Promise.all(
    Array.from({ length: 25 }, (_, index) => addBytes(node, madeBytes(400, `any ${index}`))),
  )
  for (const cid of cids) await node.pins.remove(parseCid(cid))
  await Promise.all(
    cids.map(async (cid, index) => {
      const { requestid } = await service.add({ cid })
      for (let asked = 0; asked < index % 5; asked++) await service.get(requestid)
      await service.send('DELETE', `/pins/${requestid}`)
      assert.equal((await service.send('GET', `/pins/${requestid}`)).status, 404)
    }),
  )
  assert.deepEqual(pinned(node), [])
  await service.close()
  const again = await startService(t, node)
  const all = await again.send('GET', '/pins?status=queued,pinning,pinned,failed')
  assert.deepEqual(await all.json(), { count: 0, results: [] })
})

test('a pin goes with the last request that holds it', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(100))
  await node.pins.remove(parseCid(cid))
  const service = await startService(t, node)
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) ids.push((await service.add({ cid, name })).requestid)
  for (const id of ids) await service.ended(id)
  for (const id of ids) {
    assert.equal(pinned(node).length, 1)
    await service.send('DELETE', `/pins/${id}`)
  }
  assert.deepEqual(pinned(node), [])
})

test('a pin that was there before, or that somebody gave another name, outlives the request', async (t) => {
  const node = await startNode(t)
  const [mine, direct, taken] = [
    await addBytes(node, madeBytes(100, 'mine')),
    await addBytes(node, madeBytes(100, 'direct')),
    await addBytes(node, madeBytes(100, 'taken')),
  ]
  for (const cid of [direct, taken]) await node.pins.remove(parseCid(cid))
  await node.pin(parseCid(direct), 'direct', 'd')
  const service = await startService(t, node)
  const ids: string[] = []
  for (const cid of [mine, direct, taken]) ids.push((await service.add({ cid, name: 'x' })).requestid)
  for (const id of ids) assert.equal((await service.ended(id)).status, 'pinned')
  await node.pin(parseCid(taken), 'recursive', 'a function')
  for (const id of ids) await service.send('DELETE', `/pins/${id}`)
  const left = pinned(node).map(([cid, mode]) => `${cid} ${mode}`)
  assert.deepEqual(left.sort(), [`${mine} recursive`, `${direct} direct`, `${taken} recursive`].sort())
})

test('a request whose pin somebody removed from the node does not say that it is pinned', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(100))
  const service = await startService(t, node)
  const { requestid } = await service.add({ cid })
  await service.ended(requestid)
  await node.pins.remove(parseCid(cid))
  const { status, info } = await service.get(requestid)
  assert.equal(status, 'failed')
  assert.match(String(info?.['status_details']), /removed from the node/)
})

test('a replacement has a new id; the old pin stays until the new one is there', async (t) => {
  const { here, there, cid } = await pair(t)
  const old = await addBytes(here, madeBytes(100))
  await here.pins.remove(parseCid(old))
  const held = heldBack(there)
  const service = await startService(t, here, { fetch: held.fetch })
  const { requestid } = await service.add({ cid: old, name: 'old' })
  await service.ended(requestid)
  const response = await service.send('POST', `/pins/${requestid}`, { cid, name: 'new' })
  assert.equal(response.status, 202)
  const replaced = (await response.json()) as { requestid: string; status: string }
  assert.notEqual(replaced.requestid, requestid)
  assert.equal((await service.send('GET', `/pins/${requestid}`)).status, 404)
  await until(async () => (await service.get(replaced.requestid)).status === 'pinning', 'pinning')
  assert.deepEqual(pinned(here), [[old, 'recursive', 'old']])
  held.open()
  assert.equal((await service.ended(replaced.requestid)).status, 'pinned')
  await until(async () => pinned(here).length === 1, 'the end of the old pin')
  assert.deepEqual(pinned(here), [[cid, 'recursive', 'new']])
})

test('the same CID again under another name keeps its pin and changes the name', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(100))
  await node.pins.remove(parseCid(cid))
  const service = await startService(t, node)
  const { requestid } = await service.add({ cid, name: 'before' })
  await service.ended(requestid)
  const response = await service.send('POST', `/pins/${requestid}`, { cid, name: 'after' })
  const next = ((await response.json()) as { requestid: string }).requestid
  await service.ended(next)
  assert.deepEqual(pinned(node), [[cid, 'recursive', 'after']])
  await service.send('DELETE', `/pins/${next}`)
  await until(async () => pinned(node).length === 0, 'the end of the pin')
})

test('more requests than are worked on at one time are queued, and all of them end', async (t) => {
  const [here, there] = [await startNode(t), await startNode(t)]
  const held = heldBack(there)
  const service = await startService(t, here, { fetch: held.fetch })
  const cids = await Promise.all(
    Array.from({ length: 30 }, (_, index) => addBytes(there, madeBytes(500, `many ${index % 10}`))),
  )
  const added = await Promise.all(cids.map((cid) => service.add({ cid })))
  assert.equal(new Set(added.map(({ requestid }) => requestid)).size, 30)
  assert.equal(new Set(added.map(({ created }) => created)).size, 30)
  await until(async () => held.asked.length === 4, 'four at work')
  const last = await service.get(added.at(-1)?.requestid ?? '')
  assert.equal(last.status, 'queued')
  assert.match(String(last.info?.['status_details']), /^\d+ requests are before it$/)
  held.open()
  for (const { requestid } of added) assert.equal((await service.ended(requestid)).status, 'pinned')
  await Promise.all(added.map(({ requestid }) => service.send('DELETE', `/pins/${requestid}`)))
  assert.deepEqual(pinned(here), [])
})
