import assert from 'node:assert/strict'
import { readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { encodeCar } from '../../src/content/car.ts'
import { type Block, codecOf, makeBlock, parseCid } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import { ContentNode } from '../../src/content/node.ts'
import { addBytes, addDefaults, collectAll, madeBytes, startNode } from '../helpers/content.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const raw = codecOf('raw')

async function blockFiles(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'blocks'), { recursive: true })
  return names.filter((name) => name.endsWith('.data')).map((name) => join(folder, 'blocks', name))
}

function carOf(roots: Block[], blocks: Block[]): AsyncIterable<Uint8Array> {
  return encodeCar(
    roots.map(({ cid }) => cid),
    blocks,
  )
}

test('pins and blocks are there again after a restart', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await startNode(t, folder)
  const cid = parseCid(await addBytes(first, madeBytes(3_000_000)))
  await first.pin(cid, 'recursive', 'renamed')
  await first.stop()
  const second = await startNode(t, folder)
  assert.deepEqual(
    second.pins.all().map((pin) => [pin.cid.toString(), pin.mode, pin.name]),
    [[cid.toString(), 'recursive', 'renamed']],
  )
  assert.equal((await collectAll(walkDag(second, cid))).length, 4)
  assert.equal(second.publicKey, first.publicKey)
})

test('start and stop are legal in any state and more than once', async (t) => {
  const node = new ContentNode({ folder: await temporaryFolder(t), log: silentLog })
  await node.stop()
  await node.start()
  await node.start()
  await node.stop()
  await node.stop()
  await node.start()
  await node.stop()
})

test('a block that was cut short on disk is never served, and adding it again mends it', async (t) => {
  const node = await startNode(t)
  const content = madeBytes(1000)
  const cid = parseCid(await addBytes(node, content))
  const [path = ''] = await blockFiles(node.folder)
  await truncate(path, 500)
  await assert.rejects(node.get(cid), { code: 'STATE_DAMAGED', message: new RegExp(cid.toString()) })
  await addBytes(node, content)
  assert.deepEqual(Buffer.from(await node.get(cid)), content)
})

test('repair sets damaged blocks and the damaged end of the pins aside and keeps the rest', async (t) => {
  const folder = await temporaryFolder(t)
  const node = await startNode(t, folder)
  const kept = parseCid(await addBytes(node, Buffer.from('kept')))
  const [keptPath = ''] = await blockFiles(folder)
  const lost = parseCid(await addBytes(node, Buffer.from('lost')))
  await node.stop()
  const lostPath = (await blockFiles(folder)).find((path) => path !== keptPath) ?? ''
  await writeFile(lostPath, 'something else')
  const pins = join(folder, 'pins.journal')
  await writeFile(pins, `${await readFile(pins, 'utf8')}00000000 {}\n`)
  const plain = new ContentNode({ folder, log: silentLog })
  await assert.rejects(plain.start(), { code: 'STATE_DAMAGED' })
  const repaired = new ContentNode({ folder, log: silentLog, repair: true })
  t.after(() => repaired.stop())
  await repaired.start()
  assert.equal(repaired.pins.all().length, 2)
  assert.equal(Buffer.from(await repaired.get(kept)).toString(), 'kept')
  await assert.rejects(repaired.get(lost), { code: 'CONTENT_NOT_FOUND' })
})

test('a folder that a newer version wrote is refused and left as it is', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'node.json'), '{"format": 99, "publicKey": "x"}')
  await assert.rejects(new ContentNode({ folder, log: silentLog }).start(), { code: 'STATE_NEWER' })
  assert.deepEqual(await readdir(folder), ['node.json'])
})

test('pinning what is not complete here is refused and names the missing block', async (t) => {
  const node = await startNode(t)
  const leaf = makeBlock(Buffer.from('leaf'), raw)
  const root = makeBlock(codecOf('dag-cbor').encode({ leaf: leaf.cid }), codecOf('dag-cbor'))
  await node.putBlock(root)
  const message = new RegExp(leaf.cid.toString())
  await assert.rejects(node.pin(root.cid), { code: 'CONTENT_NOT_FOUND', message })
  assert.deepEqual(node.pins.all(), [])
  await node.pin(root.cid, 'direct')
  assert.equal(node.pins.get(root.cid)?.mode, 'direct')
})

test('only-hash tells the CID and stores nothing', async (t) => {
  const node = await startNode(t)
  const entries = [{ path: 'f', content: madeBytes(3_000_000) }]
  const [entry] = await collectAll(node.add(entries, { ...addDefaults, onlyHash: true }))
  assert.ok(entry)
  assert.deepEqual(await blockFiles(node.folder), [])
  assert.equal(entry.cid.toString(), await addBytes(node, madeBytes(3_000_000)))
})

test('a CAR is imported whole, and its roots are pinned', async (t) => {
  const [from, to] = [await startNode(t), await startNode(t)]
  const cid = parseCid(await addBytes(from, madeBytes(3_000_000)))
  const { roots, blockCount } = await to.importCar(encodeCar([cid], walkDag(from, cid)), true)
  assert.deepEqual(roots, [{ cid }])
  assert.equal(blockCount, 4)
  assert.equal(to.pins.get(cid)?.mode, 'recursive')
})

test('a CAR with a wrong block is refused by the name of the block, and nothing of it is kept', async (t) => {
  const node = await startNode(t)
  const good = makeBlock(Buffer.from('good'), raw)
  const bad = { ...makeBlock(Buffer.from('bad'), raw), bytes: Buffer.from('bed') }
  await assert.rejects(node.importCar(carOf([good], [good, bad]), true), {
    code: 'BLOCK_MISMATCH',
    message: new RegExp(bad.cid.toString()),
  })
  assert.deepEqual(await blockFiles(node.folder), [])
  assert.deepEqual(node.pins.all(), [])
})

test('of a root that lacks a block nothing is kept, but what a complete root shares with it', async (t) => {
  const node = await startNode(t)
  const cbor = codecOf('dag-cbor')
  const shared = makeBlock(Buffer.from('shared'), raw)
  const absent = makeBlock(Buffer.from('absent'), raw)
  const whole = makeBlock(cbor.encode([shared.cid]), cbor)
  const broken = makeBlock(cbor.encode([shared.cid, absent.cid]), cbor)
  const { roots } = await node.importCar(carOf([whole, broken], [whole, shared, broken]), true)
  assert.deepEqual(
    roots.map(({ failure }) => failure === undefined),
    [true, false],
  )
  assert.equal((await blockFiles(node.folder)).length, 2)
  await assert.rejects(node.get(broken.cid), { code: 'CONTENT_NOT_FOUND' })
})

test('what was here before a bad CAR stays', async (t) => {
  const node = await startNode(t)
  const mine = makeBlock(Buffer.from('mine'), raw)
  await node.putBlock(mine)
  const bad = { ...makeBlock(Buffer.from('bad'), raw), bytes: Buffer.from('bed') }
  await assert.rejects(node.importCar(carOf([], [mine, bad]), true), { code: 'BLOCK_MISMATCH' })
  assert.equal(Buffer.from(await node.get(mine.cid)).toString(), 'mine')
})

test('a block with a hash that is not known is refused by its number', async (t) => {
  const node = await startNode(t)
  const { create } = await import('multiformats/hashes/digest')
  const { CID } = await import('multiformats/cid')
  const block = { cid: CID.createV1(0x55, create(0x1e, new Uint8Array(32))), bytes: new Uint8Array(1) }
  await assert.rejects(node.putBlock(block), { code: 'CODEC_UNSUPPORTED', message: /0x1e/ })
})
