import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CarReader, CarWriter } from '@ipld/car'
import { encodeCar, openCar } from '../../src/content/car.ts'
import { type Block, codecOf, makeBlock } from '../../src/content/dag/codecs.ts'
import { collectAll, collectBytes } from '../helpers/content.ts'

const raw = codecOf('raw')
const blocks = ['one', 'two', 'three'].map((text) => makeBlock(Buffer.from(text), raw))
const [first, second] = blocks
assert.ok(first && second)

async function carOf(roots: Block[], content: Block[]): Promise<Buffer> {
  return collectBytes(
    encodeCar(
      roots.map(({ cid }) => cid),
      content,
    ),
  )
}

async function readAll(car: Uint8Array | Iterable<Uint8Array>): Promise<Block[]> {
  const opened = await openCar(car instanceof Uint8Array ? [car] : car)
  return collectAll(opened.blocks)
}

test('the reference implementation reads what is written here', async () => {
  const reader = await CarReader.fromBytes(await carOf([first], blocks))
  assert.deepEqual((await reader.getRoots()).map(String), [first.cid.toString()])
  const read = await collectAll(reader.blocks())
  assert.deepEqual(
    read.map(({ cid, bytes }) => [cid.toString(), Buffer.from(bytes).toString()]),
    [
      [first.cid.toString(), 'one'],
      [second.cid.toString(), 'two'],
      [blocks[2]?.cid.toString(), 'three'],
    ],
  )
})

test('what the reference implementation writes is read here, in pieces of any size', async () => {
  const { writer, out } = CarWriter.create([first.cid])
  const written = collectBytes(out)
  for (const block of blocks) await writer.put(block)
  await writer.close()
  const car = await written
  for (const size of [1, 7, 1000]) {
    const pieces = Array.from({ length: Math.ceil(car.length / size) }, (_, index) =>
      car.subarray(index * size, (index + 1) * size),
    )
    assert.deepEqual(
      (await readAll(pieces)).map(({ cid }) => cid.toString()),
      blocks.map(({ cid }) => cid.toString()),
    )
  }
})

test('a CID that is kept keeps nothing of its block', async () => {
  const large = makeBlock(Buffer.alloc(100_000, 'x'), raw)
  const [read] = await readAll(await carOf([large], [large]))
  assert.ok(read)
  assert.ok(read.cid.bytes.buffer.byteLength < 100)
  assert.ok(read.cid.multihash.digest.buffer.byteLength < 100)
})

test('identity blocks are left out', async () => {
  const identity = { cid: (await import('multiformats/cid')).CID.parse('bafkqaaa'), bytes: new Uint8Array() }
  assert.deepEqual(await readAll(await carOf([identity], [identity])), [])
})

test('a CAR that ends within a block is refused with the position', async () => {
  const car = await carOf([first], blocks)
  await assert.rejects(readAll(car.subarray(0, car.length - 2)), {
    code: 'CAR_INVALID',
    message: /at byte \d+: it ends within a section, 2 of \d+ bytes are missing/,
  })
})

test('what is no CAR is refused: empty, text, another version, without roots', async () => {
  const { encode } = await import('@ipld/dag-cbor')
  const header = (value: unknown): Buffer => {
    const bytes = encode(value)
    return Buffer.concat([Buffer.from([bytes.length]), bytes])
  }
  const cases: [Buffer, RegExp][] = [
    [Buffer.alloc(0), /it is empty/],
    [Buffer.from('<html>not found</html>'), /header/],
    [header({ version: 2 }), /CARv2/],
    [header({ version: 1 }), /no roots/],
    [header({ version: 1, roots: ['x'] }), /a root is not a CID/],
    [Buffer.concat([header({ version: 1, roots: [] }), Buffer.from([0])]), /length 0/],
    [Buffer.concat([header({ version: 1, roots: [] }), Buffer.from([3, 1, 2, 3])]), /no CID/],
  ]
  for (const [bytes, message] of cases) {
    await assert.rejects(readAll(bytes), { code: 'CAR_INVALID', message })
  }
})

test('a length that nobody could hold is refused before anything of it is read', async () => {
  const endless = (function* (): Generator<Uint8Array> {
    yield Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])
    for (;;) yield Buffer.alloc(65_536)
  })()
  await assert.rejects(readAll(endless), { code: 'CAR_INVALID', message: /at byte 0: a header of \d+ bytes/ })
})
