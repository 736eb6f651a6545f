import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { encodeCar } from '../../../src/content/car.ts'
import { codecOf, makeBlock, parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { addBytes, collectAll, collectBytes, madeBytes, startNode, startRpc } from '../../helpers/content.ts'
import { flipBit } from '../../helpers/gateways.ts'
import { end, file, linesOf, post } from './wire.ts'

test('a DAG goes from one node to another as a CAR, and is pinned there', async (t) => {
  const [from, to] = [await startNode(t), await startNode(t)]
  const [source, target] = [await startRpc(t, from), await startRpc(t, to)]
  const cid = CID.parse(await addBytes(from, madeBytes(3_000_000)))
  const imported = await collectAll(target.client.dag.import([source.client.dag.export(cid)]))
  assert.deepEqual(
    imported.map(({ root }) => [root.cid.toString(), root.pinErrorMsg]),
    [[cid.toString(), '']],
  )
  assert.equal(to.pins.get(parseCid(cid.toString()))?.mode, 'recursive')
  assert.ok(madeBytes(3_000_000).equals(await collectBytes(target.client.cat(cid))))
})

test('import without pinning emits no root, and counts when asked', async (t) => {
  const [from, to] = [await startNode(t), await startNode(t)]
  const { url, client } = await startRpc(t, to)
  const cid = parseCid(await addBytes(from, madeBytes(100)))
  const car = await collectBytes(encodeCar([cid], walkDag(from, cid)))
  assert.deepEqual(await collectAll(client.dag.import([car], { pinRoots: false })), [])
  assert.deepEqual(to.pins.all(), [])
  const body = new FormData()
  body.append('file', new Blob([new Uint8Array(car)]))
  const response = await fetch(`${url}/api/v0/dag/import?stats=true&pin-roots=false`, {
    method: 'POST',
    body,
  })
  assert.deepEqual(JSON.parse(await response.text()), { Stats: { BlockCount: 1, BlockBytesCount: 100 } })
})

test('a CAR with a changed block reaches the client as an error that names the block', async (t) => {
  const [from, to] = [await startNode(t), await startNode(t)]
  const { client } = await startRpc(t, to)
  const root = parseCid(await addBytes(from, madeBytes(3_000_000)))
  const blocks = flipBit(await collectAll(walkDag(from, root)), 2)
  const car = await collectBytes(encodeCar([root], blocks))
  await assert.rejects(collectAll(client.dag.import([car])), new RegExp(blocks[2]?.cid.toString() ?? ''))
  await assert.rejects(collectAll(client.dag.import([car.subarray(0, 1000)])), /Not a readable CAR: at byte/)
  await assert.rejects(collectAll(client.dag.import([Buffer.from('nonsense')])), /Not a readable CAR/)
  assert.deepEqual(await collectAll(to.blocks.list()), [])
})

test('a root that lacks a block is told as one that could not be pinned', async (t) => {
  const [from, to] = [await startNode(t), await startNode(t)]
  const { client } = await startRpc(t, to)
  const root = parseCid(await addBytes(from, madeBytes(3_000_000)))
  const blocks = (await collectAll(walkDag(from, root))).slice(0, -1)
  const [imported] = await collectAll(client.dag.import([await collectBytes(encodeCar([root], blocks))]))
  assert.match(imported?.root.pinErrorMsg ?? '', /No such block/)
  assert.deepEqual(to.pins.all(), [])
  assert.deepEqual(await collectAll(to.blocks.list()), [])
})

test('export fails at once when the root is missing, and is cut off when a later block is', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  const root = CID.parse(await addBytes(node, madeBytes(3_000_000)))
  const leaf = (await collectAll(walkDag(node, parseCid(root.toString())))).at(-1)
  assert.ok(leaf)
  await node.blocks.delete(leaf.cid)
  await assert.rejects(collectBytes(client.dag.export(root)), /terminated/)
  await assert.rejects(collectBytes(client.cat(root)), /terminated/)
  await assert.rejects(collectBytes(client.dag.export(CID.parse(leaf.cid.toString()))), /could not find/)
})

test('nodes are put and got in dag-cbor and dag-json, by path as well', async (t) => {
  const { url, client } = await startRpc(t, await startNode(t))
  const inner = await client.dag.put({ text: 'inner' }, { storeCodec: 'dag-cbor' })
  const outer = await client.dag.put({ link: inner, list: [1, 2] }, { storeCodec: 'dag-json', pin: true })
  assert.deepEqual((await client.dag.get(inner)).value, { text: 'inner' })
  const got = await fetch(`${url}/api/v0/dag/get?arg=${outer.toString()}/link/text`, { method: 'POST' })
  assert.equal(await got.text(), '"inner"')
  const resolved = await fetch(`${url}/api/v0/dag/resolve?arg=${outer.toString()}/list/1`, { method: 'POST' })
  assert.deepEqual(await resolved.json(), { Cid: { '/': outer.toString() }, RemPath: 'list/1' })
  const stat = await post(url, `dag/stat?arg=${outer.toString()}&progress=false`)
  assert.deepEqual(linesOf(stat), [
    {
      UniqueBlocks: 2,
      TotalSize: 101,
      Ratio: 1,
      DagStats: [{ Cid: outer.toString(), Size: 101, NumBlocks: 2 }],
    },
  ])
})

test('blocks are put, got, told of and removed; a pinned one stays', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const bytes = Buffer.from('block')
  const cid = await client.block.put(bytes)
  assert.equal(cid.toString(), makeBlock(bytes, codecOf('raw')).cid.toString())
  assert.deepEqual(Buffer.from(await client.block.get(cid)), bytes)
  assert.deepEqual(await client.block.stat(cid), { cid, size: 5 })
  await client.pin.add(cid)
  const [kept] = await collectAll(client.block.rm(cid))
  assert.match(String(kept?.error), /pinned/)
  await client.pin.rm(cid)
  const [removed] = await collectAll(client.block.rm(cid))
  assert.equal(removed?.error, undefined)
  await assert.rejects(client.block.get(cid), /block was not found locally \(offline\): ipld: could not find/)
  assert.equal((await client.block.put(bytes, { format: 'v0' })).version, 0)
})

test('blocks that other nodes could not take, and codecs and hashes that are not known, are refused', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  await assert.rejects(client.block.put(new Uint8Array(2 * 1024 * 1024 + 1)), /produced block is over 2MiB/)
  await assert.rejects(client.block.put(new Uint8Array(1), { format: 'git-raw' }), /codec git-raw/)
  await assert.rejects(client.block.put(new Uint8Array(1), { mhtype: 'blake3' }), /hash blake3/)
  const sha512 = await client.block.put(new Uint8Array(1), { mhtype: 'sha2-512' })
  assert.equal(sha512.multihash.code, 0x13)
})

test('dag/stat tells how far it is, and what two DAGs share', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const shared = await client.dag.put({ text: 'shared' })
  const [one, two] = [await client.dag.put({ one: shared }), await client.dag.put({ two: shared })]
  const stat = linesOf(await post(url, `dag/stat?arg=${one.toString()}&arg=${two.toString()}`))
  assert.equal(stat.length, 5)
  const sum = stat.at(-1) as Record<string, number>
  const size = (await node.get(parseCid(shared.toString()))).length
  assert.deepEqual([sum.UniqueBlocks, sum.SharedSize], [3, size])
})

test('what does not fit a codec is refused, and nothing of it is stored', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  for (const query of ['store-codec=raw', 'store-codec=dag-pb', 'store-codec=nope', 'hash=nope']) {
    assert.equal((await post(url, `dag/put?${query}`, file('f', '{"a":1}') + end)).status, 500, query)
  }
  assert.equal((await post(url, 'dag/put', file('f', '{bad') + end)).status, 500)
  assert.deepEqual(await collectAll(node.blocks.list()), [])
})
