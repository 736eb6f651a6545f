// Requests that are disturbed: by a collection, by a source that lies, by a damaged journal.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { silentLog } from '../../../src/base/log.ts'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { listenHttp } from '../../../src/serve/http.ts'
import type { FetchDag } from '../../../src/serve/pinning/origins.ts'
import { createPinningService } from '../../../src/serve/pinning/server.ts'
import { addBytes, collectAll, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { heldBack, originOf, pair, pinned, startService, token } from '../../helpers/pinning.ts'
import { until } from '../../helpers/until.ts'

test('a collection while a DAG arrives takes none of it', async (t) => {
  const { here, there, cid } = await pair(t)
  const held = heldBack(there)
  const service = await startService(t, here, { fetch: held.fetch })
  const { requestid } = await service.add({ cid })
  await until(async () => (await collectAll(here.blocks.list())).length === 3, 'all but the last block')
  assert.deepEqual(await here.collect(), [])
  held.open()
  assert.equal((await service.ended(requestid)).status, 'pinned')
})

test('what one origin had is kept for the next request, which fetches the rest alone', async (t) => {
  const { here, there, cid } = await pair(t)
  const rest = await startNode(t)
  const last = (await collectAll(walkDag(there, parseCid(cid)))).at(-1)
  assert.ok(last)
  await rest.putBlock(last)
  await there.blocks.delete(last.cid)
  const service = await startService(t, here)
  const [first, second] = [await startGateway(t, there), await startGateway(t, rest)]
  const failed = await service.ended((await service.add({ cid, origins: [originOf(first)] })).requestid)
  assert.equal(failed.status, 'failed')
  assert.deepEqual([pinned(here), (await collectAll(here.blocks.list())).length], [[], 3])
  const ended = await service.ended((await service.add({ cid, origins: [originOf(second)] })).requestid)
  assert.equal(ended.status, 'pinned')
  assert.equal((await collectAll(walkDag(here, parseCid(cid)))).length, 4)
})

test('a source that sends other blocks, or too many of them, fails and leaves nothing', async (t) => {
  const { here, there, cid } = await pair(t)
  const other = await addBytes(there, madeBytes(3_000_000, 'other'))
  const lies: FetchDag = async function* (wanted) {
    for await (const block of walkDag(there, parseCid(other))) yield { ...block, cid: wanted }
  }
  const others: FetchDag = () => walkDag(there, parseCid(other))
  const throws: FetchDag = async function* () {
    throw new Error('thrown by the source')
  }
  for (const fetch of [lies, others, throws]) {
    const service = await startService(t, here, { fetch })
    const { requestid } = await service.add({ cid })
    assert.equal((await service.ended(requestid)).status, 'failed')
    assert.deepEqual([pinned(here), await collectAll(here.blocks.list())], [[], []])
    await service.close()
  }
})

test('a journal that is damaged is refused, and with repair what is intact of it is kept', async (t) => {
  const node = await startNode(t)
  const service = await startService(t, node)
  const { requestid } = await service.add({ cid: 'bafkqaaa' })
  await service.ended(requestid)
  await service.close()
  const path = join(node.folder, 'pinning.journal')
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  await writeFile(path, [...lines, 'nonsense that is not torn off', ''].join('\n'))
  const options = { node, token, maxBytes: 1_000, log: silentLog }
  await assert.rejects(listenHttp(createPinningService(options), 0, silentLog), { code: 'STATE_DAMAGED' })
  const mended = createPinningService({ ...options, repair: true })
  t.after(() => mended.close())
  const url = await listenHttp(mended, 0, silentLog)
  const response = await fetch(`${url}/pins/${requestid}`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(((await response.json()) as { status: string }).status, 'pinned')
})
