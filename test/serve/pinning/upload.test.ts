import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { carMediaType, encodeCar } from '../../../src/content/car.ts'
import { type Block, parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { addBytes, collectAll, collectBytes, madeBytes, startNode } from '../../helpers/content.ts'
import { flipBit } from '../../helpers/gateways.ts'
import { type RunningService, startService, token } from '../../helpers/pinning.ts'

interface Setting {
  here: ContentNode
  service: RunningService
  cid: string
  blocks: Block[]
}

async function set(t: TestContext, maxBytes?: number): Promise<Setting> {
  const [here, there] = [await startNode(t), await startNode(t)]
  const cid = await addBytes(there, madeBytes(3_000_000))
  const blocks = await collectAll(walkDag(there, parseCid(cid)))
  const service = await startService(t, here, maxBytes === undefined ? {} : { maxBytes })
  return { here, service, cid, blocks }
}

async function upload(
  { url }: RunningService,
  body: Uint8Array,
  type = carMediaType,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const response = await fetch(`${url}/upload`, { method: 'POST', headers, body: Buffer.from(body) })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

const carOf = (roots: string[], blocks: Block[]): Promise<Buffer> =>
  collectBytes(encodeCar(roots.map(parseCid), blocks))

test('what a CAR brought is pinned without an origin', async (t) => {
  const { here, service, cid, blocks } = await set(t)
  const { status, json } = await upload(service, await carOf([cid], blocks))
  assert.deepEqual([status, json], [200, { cid, blocks: 4 }])
  assert.deepEqual(here.pins.all(), [])
  const { requestid } = await service.add({ cid })
  assert.equal((await service.ended(requestid)).status, 'pinned')
})

test('a CAR that is not one whole DAG, or damaged, is refused and leaves nothing', async (t) => {
  const { here, service, cid, blocks } = await set(t)
  const whole = await carOf([cid], blocks)
  const refusals: [Uint8Array, number][] = [
    [await carOf([cid], blocks.slice(0, -1)), 400],
    [await carOf([], blocks), 400],
    [await carOf([cid, 'bafkqaaa'], blocks), 400],
    [await carOf([cid], flipBit(blocks, 2)), 422],
    [whole.subarray(0, -5), 422],
    [Buffer.from('<html>'), 422],
    [new Uint8Array(), 422],
  ]
  for (const [body, status] of refusals) {
    const answer = await upload(service, body)
    assert.equal(answer.status, status, JSON.stringify(answer.json))
    assert.ok('error' in answer.json)
    assert.deepEqual(await collectAll(here.blocks.list()), [])
  }
  assert.equal((await upload(service, whole.subarray(0, 1_000), 'text/plain')).status, 400)
  assert.equal((await upload(service, whole)).status, 200)
})

test('a refused upload takes no block from a pin that shares it', async (t) => {
  const { here, service, cid, blocks } = await set(t)
  assert.equal((await upload(service, await carOf([cid], blocks))).status, 200)
  await service.ended((await service.add({ cid })).requestid)
  const other = await addBytes(await startNode(t), Buffer.concat([madeBytes(3_000_000), madeBytes(9, 'x')]))
  assert.equal((await upload(service, await carOf([other], blocks.slice(1)))).status, 400)
  assert.equal((await collectAll(walkDag(here, parseCid(cid)))).length, 4)
})

test('a CAR that is too large is refused, and leaves nothing', async (t) => {
  const { here, service, cid, blocks } = await set(t, 2_000_000)
  const { status, json } = await upload(service, await carOf([cid], blocks))
  assert.deepEqual([status, (json['error'] as { reason: string }).reason], [413, 'BODY_TOO_LARGE'])
  assert.deepEqual(await collectAll(here.blocks.list()), [])
})
