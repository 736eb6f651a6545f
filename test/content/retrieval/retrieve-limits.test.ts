// What is refused by its size, by its name, or because nobody is there to ask.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import { importProfiles } from '../../../src/content/import.ts'
import {
  addBytes,
  addDefaults,
  collectAll,
  madeBytes,
  startGateway,
  startNode,
} from '../../helpers/content.ts'
import { startFalseGateway } from '../../helpers/gateways.ts'
import { fetchFrom } from './sessions.ts'

test('content over the limit is refused as soon as its root tells its size', async (t) => {
  const node = await startNode(t)
  const gateway = await startGateway(t, node)
  const cid = await addBytes(node, madeBytes(3_000_000))
  await assert.rejects(fetchFrom(cid, [gateway], { maxBytes: 2_999_999 }), {
    code: 'CONTENT_TOO_LARGE',
    message: /3000000 bytes, the limit is 2999999/,
  })
  assert.equal((await fetchFrom(cid, [gateway], { maxBytes: 3_000_000 })).length, 3_000_000)
})

test('a small DAG that unfolds into a large file is refused by the size of the file', async (t) => {
  const node = await startNode(t)
  const chunk = Buffer.alloc(1_048_576)
  const content = (async function* () {
    for (let index = 0; index < 70; index++) yield chunk
  })()
  const options = { ...addDefaults, ...importProfiles['unixfs-v1-2025'] }
  const [bomb] = await collectAll(node.add([{ path: 'f', content }], options))
  const gateway = await startGateway(t, node)
  await assert.rejects(fetchFrom(bomb?.cid.toString() ?? '', [gateway]), { code: 'CONTENT_TOO_LARGE' })
})

test('cancelling ends the fetch', async (t) => {
  const silent = await startFalseGateway(t, () => undefined)
  const cid = makeBlock(Buffer.from('x'), codecOf('raw')).cid.toString()
  const controller = new AbortController()
  const fetching = fetchFrom(cid, [silent.url], { silenceMs: 60_000, signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(fetching, { code: 'CANCELLED' })
})

test('no gateway, a dead one, and what is no CID are told apart', async (t) => {
  const cid = makeBlock(Buffer.from('x'), codecOf('raw')).cid.toString()
  await assert.rejects(fetchFrom(cid, []), { code: 'GATEWAYS_FAILED', message: /none is named/ })
  await assert.rejects(fetchFrom(cid, ['http://127.0.0.1:1']), { code: 'GATEWAYS_FAILED' })
  await assert.rejects(fetchFrom('nonsense', []), { code: 'CID_INVALID' })
  const node = await startNode(t)
  await assert.rejects(fetchFrom(cid, [await startGateway(t, node)]), {
    code: 'GATEWAYS_FAILED',
    message: /HTTP 404/,
  })
})
