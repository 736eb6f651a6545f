import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { encodeCar } from '../../../src/content/car.ts'
import { encodeLength } from '../../../src/content/car/bytes.ts'
import { type CarReport, type InspectedBlock, inspectCar } from '../../../src/content/car/inspect.ts'
import { type Block, codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import { goCarV2, kuboCar, kuboRoot } from '../../helpers/cars.ts'

const raw = codecOf('raw')
const cbor = codecOf('dag-cbor')
const [one, two, three] = ['one', 'two', 'three'].map((text) => makeBlock(Buffer.from(text), raw)) as [
  Block,
  Block,
  Block,
]
const root = makeBlock(cbor.encode({ links: [one.cid, two.cid] }), cbor)

async function carOf(roots: Block[], blocks: Block[]): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of encodeCar(
    roots.map(({ cid }) => cid),
    blocks,
  ))
    parts.push(part)
  return Buffer.concat(parts)
}

/** As `encodeCar` would not write it: with identity blocks, or bytes that are not those of the CID. */
function section({ cid, bytes }: Block): Buffer {
  return Buffer.concat([encodeLength(cid.bytes.length + bytes.length), cid.bytes, bytes])
}

async function inspect(car: Uint8Array): Promise<CarReport & { blocks: InspectedBlock[] }> {
  const blocks: InspectedBlock[] = []
  const report = await inspectCar([car], { tell: (block) => blocks.push(block) })
  return { ...report, blocks }
}

const faultsOf = ({ blocks }: { blocks: InspectedBlock[] }): (string | undefined)[] =>
  blocks.map(({ fault }) => fault)

test('a whole CAR is intact and complete, each block with its offset', async () => {
  for (const [car, shift, version] of [
    [kuboCar, 0, 1],
    [goCarV2, 51, 2],
  ] as const) {
    const report = await inspect(car)
    assert.equal(report.version, version)
    assert.deepEqual(
      report.roots.map(({ cid, state }) => [cid.toString(), state]),
      [[kuboRoot, 'complete']],
    )
    assert.deepEqual(
      [report.intact, report.complete, report.blockCount, report.bytes],
      [true, true, 5, car.length],
    )
    assert.deepEqual(
      report.blocks.map(({ offset }) => offset - shift),
      [59, 244, 285, 326, 420],
    )
    for (const { offset, cid } of report.blocks) assert.ok(car.indexOf(cid?.bytes ?? '?') - offset <= 2)
    assert.deepEqual([report.missing.count, report.unreachable.count], [0, 0])
  }
})

test('a wrong block is named and those after it are read; what hangs on it is missing', async () => {
  const car = Buffer.concat([
    await carOf([root], [root, one]),
    section({ cid: two.cid, bytes: one.bytes }),
    section(three),
  ])
  const report = await inspect(car)
  assert.deepEqual(faultsOf(report), [undefined, undefined, 'hash-differs', undefined])
  assert.deepEqual(report.faults, { 'hash-differs': 1 })
  assert.equal(
    report.blocks[2]?.offset,
    car.length - section(three).length - section({ ...two, bytes: one.bytes }).length,
  )
  assert.deepEqual(report.missing, { count: 1, first: [two.cid.toString()] })
  assert.deepEqual(report.unreachable, { count: 1, first: [three.cid.toString()] })
  assert.deepEqual([report.intact, report.complete], [false, false])
})

test('a missing block makes its root incomplete and the other not', async () => {
  const report = await inspect(await carOf([root, three], [root, one, three]))
  assert.deepEqual(
    report.roots.map(({ state }) => state),
    ['incomplete', 'complete'],
  )
  assert.deepEqual([report.intact, report.complete], [true, false])
})

test('unknown hashes and codecs are told apart from damage, and nothing is claimed of what hangs on them', async () => {
  const blake = CID.createV1(raw.code, createDigest(0xb220, new Uint8Array(32)))
  const git = CID.createV1(0x78, one.cid.multihash)
  const top = makeBlock(cbor.encode([blake, git]), cbor)
  const report = await inspect(
    await carOf([top], [top, { cid: blake, bytes: one.bytes }, { cid: git, bytes: one.bytes }]),
  )
  assert.deepEqual(faultsOf(report), [undefined, 'hash-unknown', 'codec-unknown'])
  assert.match(report.blocks[1]?.detail ?? '', /0xb220/)
  assert.match(report.blocks[2]?.detail ?? '', /0x78/)
  assert.deepEqual(
    report.roots.map(({ state }) => state),
    ['unknown'],
  )
  assert.equal(report.missing.count, 0)
})

test('a block that its codec can not read is malformed', async () => {
  const wrong = makeBlock(Buffer.from('not protobuf'), codecOf('dag-pb'))
  const report = await inspect(await carOf([wrong], [wrong]))
  assert.deepEqual(faultsOf(report), ['malformed'])
  assert.equal(report.intact, false)
})

test('a block that comes twice and one that its CID holds are odd, not damaged', async () => {
  const identity = {
    cid: CID.createV1(raw.code, createDigest(0, Buffer.from('in'))),
    bytes: Buffer.from('in'),
  }
  const top = makeBlock(cbor.encode([one.cid, identity.cid]), cbor)
  const car = Buffer.concat([await carOf([top], [top, one, one]), section(identity)])
  const report = await inspect(car)
  assert.deepEqual(faultsOf(report), [undefined, undefined, 'duplicate', 'identity'])
  assert.deepEqual([report.intact, report.complete, report.unreachable.count], [true, true, 0])
})

test('an identity CID is there wherever it is linked, with what it links to', async () => {
  const bytes = cbor.encode([two.cid])
  const identity = CID.createV1(cbor.code, createDigest(0, bytes))
  const top = makeBlock(cbor.encode([identity]), cbor)
  assert.equal((await inspect(await carOf([top], [top, two]))).complete, true)
  assert.deepEqual((await inspect(await carOf([top], [top]))).missing.first, [two.cid.toString()])
})

test('a block larger than any is named without being held, and reading goes on', async () => {
  const large = { cid: one.cid, bytes: Buffer.alloc(5 * 1024 * 1024) }
  const report = await inspect(Buffer.concat([await carOf([three], []), section(large), section(three)]))
  assert.deepEqual(faultsOf(report), ['oversize', undefined])
  assert.equal(report.blocks[0]?.bytes, large.bytes.length)
})

test('a section without a CID is named; two in a row are where it breaks', async () => {
  const junk = Buffer.concat([Buffer.from([4]), Buffer.from('junk')])
  const start = await carOf([three], [])
  const single = await inspect(Buffer.concat([start, junk, section(three)]))
  assert.deepEqual(faultsOf(single), ['no-cid', undefined])
  assert.equal(single.broken, undefined)
  const double = await inspect(Buffer.concat([start, junk, junk, section(three)]))
  assert.equal(double.broken?.offset, start.length)
  assert.match(double.broken?.reason ?? '', /two sections in a row/)
})

test('CIDv0 and CIDv1 of one block are the same block', async () => {
  const pb = codecOf('dag-pb')
  const leaf = makeBlock(pb.encode({ Data: Buffer.from('leaf'), Links: [] }), pb, 0)
  const top = makeBlock(cbor.encode([leaf.cid.toV1()]), cbor)
  assert.equal((await inspect(await carOf([top], [top, leaf]))).complete, true)
  assert.deepEqual((await inspect(await carOf([leaf], []))).missing.first, [leaf.cid.toString()])
})

test('a CAR without roots or blocks is read as such', async () => {
  const report = await inspect(await carOf([], [one]))
  assert.deepEqual([report.intact, report.roots, report.unreachable.count], [true, [], 1])
  assert.deepEqual(
    (await inspect(await carOf([one], []))).roots.map(({ state }) => state),
    ['incomplete'],
  )
})

test('an aborted inspection ends', async () => {
  await assert.rejects(inspectCar([kuboCar], { signal: AbortSignal.abort() }), { name: 'AbortError' })
})
