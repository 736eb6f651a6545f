// CARv2 over the Kubo RPC, by kubo-rpc-client.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goCarV2, kuboCar, kuboRoot, wrapV2 } from '../../helpers/cars.ts'
import { collectAll, collectBytes, startNode, startRpc } from '../../helpers/content.ts'
import { parseCid } from '../../../src/content/dag/codecs.ts'

async function* inPieces(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

test('dag/import takes CARv2 and pins its roots; dag/export gives CARv1', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const roots = await collectAll(client.dag.import(inPieces(goCarV2)))
  assert.deepEqual(
    roots.map(({ root }) => [root.cid.toString(), root.pinErrorMsg]),
    [[kuboRoot, '']],
  )
  assert.deepEqual(await collectBytes(client.dag.export(parseCid(kuboRoot))), kuboCar)
})

test('a CARv2 whose header lies is refused, and nothing of it is kept', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  for (const car of [
    wrapV2(kuboCar, { dataSize: kuboCar.length - 1 }),
    wrapV2(kuboCar, { indexOffset: 10_000 }),
    wrapV2(kuboCar, { dataSize: kuboCar.length + 10 }),
  ]) {
    await assert.rejects(collectAll(client.dag.import(inPieces(car))), /Not a readable CAR/)
  }
  await assert.rejects(node.get(parseCid(kuboRoot)), { code: 'CONTENT_NOT_FOUND' })
})
