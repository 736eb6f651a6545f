import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CarIndexer } from '@ipld/car'
import { openCar } from '../../../src/content/car.ts'
import { type Block, verifyBlock } from '../../../src/content/dag/codecs.ts'
import { goCarV2, kuboCar, kuboRoot, wrapV2 } from '../../helpers/cars.ts'

async function readAll(
  car: Uint8Array,
  pieceBytes = car.length,
): Promise<{ roots: string[]; cids: string[] }> {
  const pieces = (function* (): Generator<Uint8Array> {
    for (let from = 0; from < car.length; from += pieceBytes) yield car.subarray(from, from + pieceBytes)
  })()
  const { roots, blocks } = await openCar(pieces)
  const read: Block[] = []
  for await (const block of blocks) {
    verifyBlock(block)
    read.push(block)
  }
  return { roots: roots.map(String), cids: read.map(({ cid }) => cid.toString()) }
}

const expected = await readAll(kuboCar)

test('what Kubo 0.44 exports is read', () => {
  assert.deepEqual(expected.roots, [kuboRoot])
  assert.equal(expected.cids.length, 5)
  assert.equal(expected.cids[0], kuboRoot)
})

test('the CARv2 that go-car 2.17 makes of it has the same roots and blocks, in pieces of any size', async () => {
  for (const size of [1, 7, 51, 10_000]) assert.deepEqual(await readAll(goCarV2, size), expected)
  assert.equal((await openCar([goCarV2])).version, 2)
  assert.equal((await openCar([kuboCar])).version, 1)
})

test('padding before the data and a gap before the index are passed over', async () => {
  const index = Buffer.from('8108', 'hex')
  for (const car of [
    wrapV2(kuboCar),
    wrapV2(kuboCar, { padding: 1413 }),
    wrapV2(kuboCar, { padding: 5, gap: 100, index }),
    // No index at all although something follows.
    Buffer.concat([wrapV2(kuboCar), Buffer.alloc(10)]),
  ]) {
    assert.deepEqual(await readAll(car), expected)
    assert.deepEqual(await readAll(car, 3), expected)
  }
})

test('the reference implementation reads the same sections of a CARv2', async () => {
  const car = wrapV2(kuboCar, { padding: 9 })
  const indexer = await CarIndexer.fromBytes(car)
  const cids: string[] = []
  for await (const { cid } of indexer) cids.push(cid.toString())
  assert.deepEqual(cids, (await readAll(car)).cids)
})

const lies: [string, Buffer, RegExp][] = [
  [
    'data size too small',
    wrapV2(kuboCar, { dataSize: kuboCar.length - 3 }),
    /data of the CARv2 ends within a section/,
  ],
  [
    'data size ends after a whole block',
    wrapV2(kuboCar, { dataSize: kuboCar.length + 1 }),
    /the data goes on to byte/,
  ],
  ['data size 0', wrapV2(kuboCar, { dataSize: 0 }), /at byte 51: it ends before the header/],
  [
    'data offset in the header',
    wrapV2(kuboCar, { dataOffset: 50 }),
    /would begin at byte 50, within its header/,
  ],
  ['data offset too far', wrapV2(kuboCar, { dataOffset: 10_000 }), /ends within a padding before the data/],
  ['data offset absurd', wrapV2(kuboCar, { dataOffset: 2n ** 40n }), /bytes on, at most \d+ are skipped/],
  ['offsets beyond any file', wrapV2(kuboCar, { dataSize: 2n ** 64n - 1n }), /offsets that no file reaches/],
  [
    'index within the data',
    wrapV2(kuboCar, { indexOffset: 60 }),
    /index of the CARv2 would begin at byte 60, within its data/,
  ],
  [
    'index behind the end',
    wrapV2(kuboCar, { indexOffset: 100_000 }),
    /it ends before the index.*byte 100000/,
  ],
  ['never finished', wrapV2(kuboCar, { dataOffset: 0, dataSize: 0 }), /never finished/],
  ['CARv2 in CARv2', wrapV2(wrapV2(kuboCar)), /is a CARv2 again/],
  ['pragma alone', wrapV2(kuboCar).subarray(0, 11), /at byte 11: it ends within a CARv2 header/],
  ['half a header', wrapV2(kuboCar).subarray(0, 40), /11 of 40 bytes are missing/],
  [
    'zero padding as sections',
    Buffer.concat([kuboCar, Buffer.alloc(64)]),
    /at byte 463: a section of length 0/,
  ],
  ['version 2 in another form', Buffer.from('16a265726f6f7473806776657273696f6e02', 'hex'), /CAR/],
]
for (const [name, car, message] of lies) {
  test(`refused, with the position: ${name}`, async () => {
    await assert.rejects(readAll(car), { code: 'CAR_INVALID', message })
    await assert.rejects(readAll(car, 5), { code: 'CAR_INVALID', message })
  })
}

test('padding without an end is given up', async () => {
  const endless = (function* (): Generator<Uint8Array> {
    yield wrapV2(new Uint8Array(), { dataOffset: 2 ** 30, dataSize: 100 })
    for (;;) yield Buffer.alloc(65_536)
  })()
  await assert.rejects(openCar(endless), { code: 'CAR_INVALID', message: /at byte 51/ })
})
