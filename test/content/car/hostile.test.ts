// A small CAR of each version with something wrong at every place there is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError } from '../../../src/base/errors.ts'
import { openCar } from '../../../src/content/car.ts'
import { inspectCar } from '../../../src/content/car/inspect.ts'
import { verifyBlock } from '../../../src/content/dag/codecs.ts'
import { goCarV2, kuboCar } from '../../helpers/cars.ts'

const cars: [string, Buffer][] = [
  ['CARv1 of Kubo', kuboCar],
  ['CARv2 of go-car', goCarV2],
]
/** Where a section of `kuboCar` begins, and its end: there it may end without being damaged. */
const boundaries = [59, 244, 285, 326, 420, 463]

async function readStrictly(car: Uint8Array): Promise<string> {
  try {
    let count = 0
    for await (const block of (await openCar([car])).blocks) {
      verifyBlock(block)
      count += 1
    }
    return String(count)
  } catch (error) {
    assert.ok(error instanceof WasmateError, `not an error of the table: ${String(error)}`)
    return error.code
  }
}

for (const [name, car] of cars) {
  test(`${name}: cut off at any byte it is broken there, or a block is missing`, async () => {
    for (let length = 0; length < car.length; length++) {
      const cut = car.subarray(0, length)
      const report = await inspectCar([cut])
      const isWhole = car === kuboCar ? boundaries.includes(length) : length > 514
      if (isWhole) assert.ok(!report.broken, `${length}: ${report.broken?.reason}`)
      else assert.ok(report.broken && report.broken.offset <= length, `at ${length}`)
      if (car === kuboCar) assert.equal(report.complete && report.intact, false, `at ${length}`)
      const strict = await readStrictly(cut)
      assert.equal(strict === 'CAR_INVALID', !isWhole, `at ${length}: ${strict}`)
    }
  })

  test(`${name}: with any bit of its roots and blocks turned over, that is told`, async () => {
    const [from, to] = car === kuboCar ? [0, car.length] : [51, 51 + kuboCar.length]
    for (let at = from; at < to; at++) {
      for (const bit of [0x01, 0x10, 0x80]) {
        const turned = Buffer.from(car)
        turned.writeUInt8(turned.readUInt8(at) ^ bit, at)
        const report = await inspectCar([turned])
        assert.equal(report.complete && report.intact, false, `byte ${at}, bit ${bit}`)
        await readStrictly(turned)
      }
    }
  })

  test(`${name}: with any byte of its frame turned over, nothing crashes or hangs`, async () => {
    for (let at = 0; at < 51; at++) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const turned = Buffer.from(car)
        turned.writeUInt8(turned.readUInt8(at) ^ bit, at)
        const report = await inspectCar([turned])
        const strict = await readStrictly(turned)
        assert.ok(report.broken ? strict !== '5' : strict === '5' || !report.complete || !report.intact)
      }
    }
  })
}

test('the blocks of a damaged CAR that follow the damage are still found', async () => {
  // Within the digest of the second section's CID.
  const turned = Buffer.from(kuboCar)
  turned.writeUInt8(turned.readUInt8(260) ^ 1, 260)
  const seen: (string | undefined)[] = []
  const report = await inspectCar([turned], { tell: ({ fault }) => seen.push(fault) })
  assert.deepEqual(seen, [undefined, 'hash-differs', undefined, undefined, undefined])
  assert.equal(report.missing.count, 1)
})
