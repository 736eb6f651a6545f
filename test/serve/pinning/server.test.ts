import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import type { PinResults, PinStatus } from '../../../src/content/pinning/messages.ts'
import { addBytes, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { originOf, startService, token } from '../../helpers/pinning.ts'

async function list(answer: Promise<Response>): Promise<PinResults> {
  const response = await answer
  assert.equal(response.status, 200)
  return (await response.json()) as PinResults
}

const idsOf = ({ results }: PinResults): string[] => results.map(({ requestid }) => requestid)

test('a DAG on another node of this machine is fetched from its origin, pinned under its name and served', async (t) => {
  const [here, there] = [await startNode(t), await startNode(t)]
  const cid = await addBytes(there, madeBytes(3_000_000))
  const service = await startService(t, here)
  const origins = [originOf(await startGateway(t, there))]
  const added = await service.add({ cid, name: 'three', origins, meta: { app: 'test' } })
  assert.equal(added.status, 'queued')
  assert.deepEqual(added.pin, { cid, name: 'three', origins, meta: { app: 'test' } })
  const ended = await service.ended(added.requestid)
  assert.equal(ended.status, 'pinned')
  assert.ok(Number(ended.info?.['dag_size']) > 3_000_000)
  const pin = here.pins.get(parseCid(cid))
  assert.deepEqual([pin?.mode, pin?.name], ['recursive', 'three'])
  assert.equal(await addBytes(here, madeBytes(3_000_000)), cid)
})

test('what the node has already is pinned without anybody being asked', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(100))
  await node.pins.remove(parseCid(cid))
  const service = await startService(t, node)
  const { requestid } = await service.add({ cid })
  assert.equal((await service.ended(requestid)).status, 'pinned')
})

test('an inline CID is pinned: its bytes are in it', async (t) => {
  const service = await startService(t, await startNode(t))
  const { requestid } = await service.add({ cid: 'bafkqaaa' })
  assert.equal((await service.ended(requestid)).status, 'pinned')
})

test('what nobody has fails, says why, and leaves no pin', async (t) => {
  const [here, there] = [await startNode(t), await startNode(t)]
  const service = await startService(t, here)
  const cid = await addBytes(await startNode(t), madeBytes(5_000))
  const origins = [
    originOf(await startGateway(t, there)),
    '/ip4/8.8.8.8/tcp/80/http',
    '/dns4/x.example/tcp/1',
  ]
  const { requestid } = await service.add({ cid, origins })
  const ended = await service.ended(requestid)
  assert.equal(ended.status, 'failed')
  assert.match(String(ended.info?.['status_details']), /127\.0\.0\.1/)
  assert.deepEqual(here.pins.all(), [])
  const alone = await service.ended((await service.add({ cid, origins: origins.slice(1) })).requestid)
  assert.match(String(alone.info?.['status_details']), /8\.8\.8\.8.* is not on this machine/)
  const bare = await service.ended((await service.add({ cid })).requestid)
  assert.match(String(bare.info?.['status_details']), /names no origins/)
})

test('no filter gives pinned requests alone, any filter gives every status, newest first and in pages', async (t) => {
  const node = await startNode(t)
  const service = await startService(t, node)
  const ids: string[] = []
  for (let index = 0; index < 15; index++) {
    const cid = await addBytes(node, madeBytes(50, `page ${index}`))
    ids.push((await service.add({ cid, name: `N${index}`, meta: { half: String(index % 2) } })).requestid)
  }
  const missing = await addBytes(await startNode(t), madeBytes(70))
  const failed = (await service.add({ cid: missing, name: 'missing' })).requestid
  for (const id of [...ids, failed]) await service.ended(id)
  ids.reverse()
  const first = await list(service.send('GET', '/pins'))
  assert.equal(first.count, 15)
  assert.deepEqual(idsOf(first), ids.slice(0, 10))
  const second = await list(service.send('GET', `/pins?before=${first.results.at(-1)?.created}`))
  assert.equal(second.count, 5)
  assert.deepEqual(idsOf(second), ids.slice(10))
  const after = await list(service.send('GET', `/pins?after=${first.results[3]?.created}&limit=2`))
  assert.equal(after.count, 4)
  assert.deepEqual(idsOf(after), [failed, ids[0]])
  assert.deepEqual(idsOf(await list(service.send('GET', '/pins?status=failed'))), [failed])
  assert.equal((await list(service.send('GET', '/pins?status=failed&status=pinned&limit=1000'))).count, 16)
  assert.equal((await list(service.send('GET', '/pins?status=failed,pinned'))).count, 16)
  assert.deepEqual(idsOf(await list(service.send('GET', '/pins?name=missing'))), [failed])
  assert.equal((await list(service.send('GET', '/pins?name=n1'))).count, 0)
  assert.deepEqual(idsOf(await list(service.send('GET', '/pins?name=n1&match=iexact'))), [ids[13]])
  assert.equal((await list(service.send('GET', '/pins?name=N1&match=partial'))).count, 6)
  assert.equal((await list(service.send('GET', '/pins?name=n1&match=ipartial'))).count, 6)
  const meta = encodeURIComponent(JSON.stringify({ half: '1' }))
  assert.equal((await list(service.send('GET', `/pins?meta=${meta}`))).count, 7)
  const odd = encodeURIComponent(JSON.stringify({ toString: '1' }))
  assert.equal((await list(service.send('GET', `/pins?meta=${odd}`))).count, 0)
  const cids = first.results.slice(0, 2).map(({ pin }) => `cid=${pin.cid}`)
  assert.deepEqual(idsOf(await list(service.send('GET', `/pins?${cids.join('&')}`))), ids.slice(0, 2))
})

test('a CIDv0 and its version 1 are the same DAG for the cid filter', async (t) => {
  const node = await startNode(t)
  const v0 = await addBytes(node, madeBytes(300), 'unixfs-v0-2015')
  const service = await startService(t, node)
  const { requestid } = await service.add({ cid: v0 })
  const v1 = parseCid(v0).toV1().toString()
  assert.deepEqual(idsOf(await list(service.send('GET', `/pins?cid=${v1}`))), [requestid])
})

test('every refusal is a failure object with its status', async (t) => {
  const service = await startService(t, await startNode(t))
  const cid = 'bafkqaaa'
  const eleven = Array.from({ length: 11 }, (_, index) => `cid=bafkqab${'abcdefghijk'[index]}`).join('&')
  const requests: [string, string, unknown, number, string][] = [
    ['POST', '/pins', { cid: 'nonsense' }, 400, 'BAD_REQUEST'],
    ['POST', '/pins', {}, 400, 'BAD_REQUEST'],
    ['POST', '/pins', '{', 400, 'BAD_REQUEST'],
    ['POST', '/pins', undefined, 400, 'BAD_REQUEST'],
    ['POST', '/pins', { cid, name: 'n'.repeat(256) }, 400, 'BAD_REQUEST'],
    ['POST', '/pins', { cid, origins: Array.from({ length: 21 }, String) }, 400, 'BAD_REQUEST'],
    ['POST', '/pins', { cid, origins: ['/a', '/a'] }, 400, 'BAD_REQUEST'],
    ['POST', '/pins', { cid, meta: { a: 1 } }, 400, 'BAD_REQUEST'],
    ['POST', '/pins', { cid, meta: { a: 'x'.repeat(2_000_000) } }, 413, 'BODY_TOO_LARGE'],
    ['GET', '/pins?limit=0', undefined, 400, 'BAD_REQUEST'],
    ['GET', '/pins?limit=1001', undefined, 400, 'BAD_REQUEST'],
    ['GET', '/pins?match=most', undefined, 400, 'BAD_REQUEST'],
    ['GET', '/pins?status=done', undefined, 400, 'BAD_REQUEST'],
    ['GET', '/pins?before=yesterday', undefined, 400, 'BAD_REQUEST'],
    ['GET', '/pins?meta=none', undefined, 400, 'BAD_REQUEST'],
    ['GET', `/pins?${eleven}`, undefined, 400, 'BAD_REQUEST'],
    ['GET', '/pins?cid=x', undefined, 400, 'BAD_REQUEST'],
    ['GET', '/pins/unknown', undefined, 404, 'NOT_FOUND'],
    ['POST', '/pins/unknown', { cid }, 404, 'NOT_FOUND'],
    ['DELETE', '/pins/unknown', undefined, 404, 'NOT_FOUND'],
    ['PUT', '/pins', { cid }, 404, 'NOT_FOUND'],
    ['GET', '/%', undefined, 400, 'BAD_REQUEST'],
  ]
  for (const [method, path, body, status, reason] of requests) {
    const response = await service.send(method, path, body)
    const { error } = (await response.json()) as { error: { reason: string; details: string } }
    assert.deepEqual([method, path, response.status, error.reason], [method, path, status, reason])
    assert.ok(error.details.length > 0)
  }
  assert.equal((await list(service.send('GET', '/pins?name=&status=queued'))).count, 0)
})

test('without the token nothing is told, nor to a page, nor under another host name', async (t) => {
  const service = await startService(t, await startNode(t))
  const ask = async (headers: Record<string, string>): Promise<[number, unknown]> => {
    const response = await fetch(`${service.url}/pins`, { headers })
    return [response.status, ((await response.json()) as { error: { reason: string } }).error.reason]
  }
  assert.deepEqual(await ask({}), [401, 'UNAUTHORIZED'])
  assert.deepEqual(await ask({ authorization: 'Bearer ' }), [401, 'UNAUTHORIZED'])
  assert.deepEqual(await ask({ authorization: `Bearer ${token}x` }), [401, 'UNAUTHORIZED'])
  const authorization = `Bearer ${token}`
  assert.deepEqual(await ask({ authorization, origin: 'https://evil.example' }), [403, 'FORBIDDEN'])
  const upload = await fetch(`${service.url}/upload`, { method: 'POST', body: 'x' })
  assert.equal(upload.status, 401)
})

test('a request names one delegate at least, as the specification has it', async (t) => {
  const service = await startService(t, await startNode(t))
  const { delegates } = await service.add({ cid: 'bafkqaaa' })
  assert.match(delegates[0] ?? '', /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/http\/p2p\/12D3Koo/)
})

test('an answer has the members of the specification and no others', async (t) => {
  const service = await startService(t, await startNode(t))
  const { requestid } = await service.add({ cid: 'bafkqaaa', name: 'inline', extra: true })
  const status: PinStatus = await service.ended(requestid)
  assert.deepEqual(Object.keys(status), ['requestid', 'status', 'created', 'pin', 'delegates', 'info'])
  assert.deepEqual(status.pin, { cid: 'bafkqaaa', name: 'inline' })
  assert.match(status.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})
