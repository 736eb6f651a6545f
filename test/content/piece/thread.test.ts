import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Progress } from '../../../src/model.ts'
import { PieceHasher } from '../../../src/content/piece/commitment.ts'
import { PieceThread, computePiece } from '../../../src/content/piece/thread.ts'

const workerUrl = new URL('../../../src/content/piece/worker.ts', import.meta.url)
const mebibyte = 1024 * 1024
const data = Buffer.from(Array.from({ length: 2 * mebibyte + 77 }, (_, at) => (at * 31 + (at >> 9)) & 0xff))

function* inChunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

test('the thread gives the same piece, and tells how far it is', async () => {
  const hasher = new PieceHasher()
  hasher.write(data)
  const told: Progress[] = []
  const options = { workerUrl, totalBytes: data.length, report: (progress: Progress) => told.push(progress) }
  assert.deepEqual(await computePiece(inChunks(data, 10_007), options), hasher.end())
  assert.ok(told.length > 3)
  assert.equal(told.at(-1)?.fraction, 1)
  const fractions = told.map(({ fraction = 0 }) => fraction)
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  )
})

test('one chunk of all the data, and none at all', async () => {
  const hasher = new PieceHasher()
  hasher.write(data)
  assert.deepEqual(await computePiece([data], { workerUrl }), hasher.end())
  assert.equal((await computePiece([], { workerUrl })).rawBytes, 0)
})

test('a chunk may be written over as soon as it is taken', async () => {
  const thread = new PieceThread({ workerUrl })
  const chunk = Buffer.alloc(1000, 1)
  await thread.write(chunk)
  chunk.fill(2)
  const { cid } = await thread.end()
  await thread.stop()
  const hasher = new PieceHasher()
  hasher.write(Buffer.alloc(1000, 1))
  assert.equal(cid, hasher.end().cid)
})

test('a cancelled computation ends, however much there still is', async () => {
  const stopper = new AbortController()
  const endless = (function* (): Generator<Uint8Array> {
    for (let count = 0; ; count++) {
      if (count === 20) stopper.abort()
      yield Buffer.alloc(65_536)
    }
  })()
  await assert.rejects(computePiece(endless, { workerUrl, signal: stopper.signal }), (error: Error) => {
    return error.name === 'AbortError' || ('code' in error && error.code === 'CANCELLED')
  })
})

test('a source that fails ends it with that failure', async () => {
  const failing = (function* (): Generator<Uint8Array> {
    yield data
    throw new Error('the disk is gone')
  })()
  await assert.rejects(computePiece(failing, { workerUrl }), /the disk is gone/)
})

test('a thread that can not begin is an error and nothing hangs', async () => {
  const missing = new URL('./no-such-worker.mjs', import.meta.url)
  await assert.rejects(computePiece([data], { workerUrl: missing }), {
    code: 'INTERNAL',
    message: /piece thread/,
  })
})

test('stopping is legal at any time and twice', async () => {
  const thread = new PieceThread({ workerUrl })
  await thread.write(data)
  await thread.stop()
  await thread.stop()
})
