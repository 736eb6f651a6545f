import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { addBytes, collectAll, madeBytes, startNode, startRpc } from '../../helpers/content.ts'

async function post(
  url: string,
  path: string,
): Promise<{ status: number; body: string; type: string | null }> {
  const response = await fetch(`${url}/api/v0/${path}`, { method: 'POST' })
  return {
    status: response.status,
    body: await response.text(),
    type: response.headers.get('content-type'),
  }
}

test('pins are listed by kind, by name and by CID', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  const root = await addBytes(node, madeBytes(3_000_000))
  await client.pin.add(CID.parse(root), { name: 'the file' })
  const leaf = (await collectAll(walkDag(node, parseCid(root)))).at(-1)?.cid.toString() ?? ''
  const list = async (options: object): Promise<[string, string, string | undefined][]> =>
    (await collectAll(client.pin.ls(options))).map(({ cid, type, name }) => [cid.toString(), type, name])
  assert.deepEqual(await list({ type: 'recursive' }), [[root, 'recursive', undefined]])
  assert.deepEqual(await list({ name: 'the file' }), [[root, 'recursive', 'the file']])
  assert.deepEqual(await list({ name: 'another' }), [])
  assert.equal((await list({ type: 'indirect' })).length, 3)
  assert.equal((await list({})).length, 4)
  assert.deepEqual(await list({ paths: CID.parse(leaf) }), [[leaf, `indirect through ${root}`, undefined]])
  await assert.rejects(list({ paths: CID.parse(leaf), type: 'direct' }), /is not pinned/)
  await assert.rejects(list({ type: 'strange' }), /invalid type 'strange'/)
})

test('a pin without stream is listed as one object, as older clients want it', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addBytes(node, Buffer.from('x'))
  const { body, type } = await post(url, 'pin/ls')
  assert.match(type ?? '', /^application\/json/)
  assert.deepEqual(JSON.parse(body), { Keys: { [root]: { Type: 'recursive' } } })
})

test('pins are moved and removed, and what is not pinned can be neither', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const [from, to] = [await addBytes(node, Buffer.from('from')), await addBytes(node, Buffer.from('to'))]
  await client.pin.rm(CID.parse(to))
  await assert.rejects(client.pin.rm(CID.parse(to)), /not pinned or pinned indirectly/)
  const updated = await post(url, `pin/update?arg=${from}&arg=${to}`)
  assert.deepEqual(JSON.parse(updated.body), { Pins: [from, to] })
  assert.deepEqual(
    node.pins.all().map(({ cid }) => cid.toString()),
    [to],
  )
  assert.equal((await post(url, `pin/update?arg=${from}&arg=${to}`)).status, 400)
  await assert.rejects(client.pin.rm(CID.parse(to), { recursive: false }), /is pinned recursively/)
})

test('pinning what is not here fails with the words that Kubo uses', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const cid = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
  await assert.rejects(client.pin.add(cid), /ipld: could not find bafkreihdwdcefgh4dqk/)
})

test('version, id, peers and repo tell of this node and of no other', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  await addBytes(node, madeBytes(3_000_000))
  assert.equal((await client.version()).version, '1.2.3')
  const id = await client.id()
  assert.match(id.id.toString(), /^12D3KooW/)
  assert.deepEqual(await client.swarm.peers(), [])
  const { numObjects, repoSize, repoPath } = await client.repo.stat()
  assert.deepEqual([numObjects, repoPath], [4n, node.folder])
  assert.ok(repoSize > 3_000_000n)
  assert.equal(await client.repo.version(), 'wasmate@1')
  assert.equal((await post(url, 'id?arg=12D3KooWBfnf3cyLZjhXEnLLz8h7MdgGdsG3RBm7jJ7xHZDZ7ceM')).status, 500)
})

test('GET, pages of browsers, other hosts and unknown commands are refused as Kubo does', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const got = await fetch(`${url}/api/v0/version`)
  assert.deepEqual([got.status, got.headers.get('allow')], [405, 'POST'])
  for (const origin of ['https://example.com', url]) {
    const refused = await fetch(`${url}/api/v0/version`, { method: 'POST', headers: { origin } })
    assert.equal(refused.status, 403)
  }
  const unknown = await post(url, 'files/ls')
  assert.deepEqual([unknown.status, unknown.body], [404, '404 page not found\n'])
})

test("missing and malformed arguments are refused in Kubo's form", async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const missing = await post(url, 'cat')
  assert.deepEqual(
    [missing.status, JSON.parse(missing.body)],
    [400, { Message: 'argument "ipfs-path" is required', Code: 1, Type: 'error' }],
  )
  for (const path of ['cat?arg=nonsense', 'pin/add?arg=Qm', 'block/get?arg=']) {
    const { status, body } = await post(url, path)
    assert.equal(status, 500, path)
    assert.match(body, /Not a CID/)
  }
})
