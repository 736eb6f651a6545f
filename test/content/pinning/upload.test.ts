import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmateError } from '../../../src/base/errors.ts'
import { encodeCar } from '../../../src/content/car.ts'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { PinningClient } from '../../../src/content/pinning/client.ts'
import { addBytes, madeBytes, startNode } from '../../helpers/content.ts'
import { failure, foreign } from '../../helpers/foreign-service.ts'
import { startService, token } from '../../helpers/pinning.ts'
import { until } from '../../helpers/until.ts'

const cid = 'bafkqaaa'

test('a CAR is uploaded to the own service, and then pinned there', async (t) => {
  const [here, there] = [await startNode(t), await startNode(t)]
  const root = await addBytes(here, madeBytes(2_500_000))
  const { url, ended } = await startService(t, there)
  const client = new PinningClient({ url, uploadUrl: `${url}/upload`, token })
  const car = (): AsyncIterable<Uint8Array> => encodeCar([parseCid(root)], walkDag(here, parseCid(root)))
  await client.upload(root, car())
  assert.equal((await ended((await client.add({ cid: root })).requestid)).status, 'pinned')
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of car()) yield chunk.subarray(0, 100)
  }
  assert.match((await failure(client.upload(root, broken()))).message, /HTTP 4\d\d/)
})

test('an upload that returns another CID than the root failed; none, or the root, is fine', async (t) => {
  const answers = ['', '{}', 'stored', JSON.stringify({ cid }), JSON.stringify({ root: { '/': cid } })]
  const { client } = await foreign(t, (response, count) => {
    response.end(answers[count] ?? JSON.stringify({ cid: 'bafkqaa3b' }))
  })
  const car = (): AsyncIterable<Uint8Array> => encodeCar([parseCid(cid)], [])
  for (const _answer of answers) await client.upload(cid, car())
  const error = await failure(client.upload(cid, car()))
  assert.equal(error.code, 'PINNING_ANSWER_INVALID')
  assert.match(error.message, /took bafkqaa3b for bafkqaaa/)
})

test('what breaks the CAR is what an upload fails with, and not the service', async (t) => {
  const { client } = await foreign(t, (response) => response.end())
  const car = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10)
    throw new WasmateError('CONTENT_NOT_FOUND', 'block x')
  }
  assert.equal((await failure(client.upload(cid, car()))).code, 'CONTENT_NOT_FOUND')
})

test('an upload to a service that takes nothing off the wire is given up, and lets its source go', async (t) => {
  const { client } = await foreign(t, () => undefined, { unread: true, silenceMs: 200 })
  let released = false
  const car = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(1_000_000)
    } finally {
      released = true
    }
  }
  assert.equal((await failure(client.upload(cid, car()))).code, 'PINNING_UNREACHABLE')
  await until(async () => released, 'the end of the source')
})
