import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { addBytes, collectAll, collectBytes, madeBytes, startNode, startRpc } from '../../helpers/content.ts'

const boundary = 'x'

/** A part as Kubo's clients write it. */
function part(name: string | undefined, type: string, content: string): string {
  const filename = name === undefined ? '' : `; filename="${name}"`
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"${filename}\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`
}

async function post(url: string, path: string, body: string): Promise<{ status: number; lines: unknown[] }> {
  const response = await fetch(`${url}/api/v0/${path}`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body,
  })
  const text = await response.text()
  const lines = text.split('\n').filter(Boolean)
  return { status: response.status, lines: lines.map((line): unknown => JSON.parse(line)) }
}

const end = `--${boundary}--\r\n`

test('a file without a name is called by its CID, and is CIDv0 unless asked otherwise', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const body = part(undefined, 'application/octet-stream', 'hello world\n') + end
  const cid = 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'
  assert.deepEqual(await post(url, 'add', body), {
    status: 200,
    lines: [{ Name: cid, Hash: cid, Size: '20' }],
  })
})

test('directories, symbolic links and escaped names arrive as they are', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const body =
    part('d', 'application/x-directory', '') +
    part('d%2Fa+b%2Bc.txt', 'application/octet-stream', 'plus') +
    part('d%2Flink', 'application/symlink', '../elsewhere') +
    part('d%2Fempty', 'application/x-directory', '') +
    end
  const { lines } = await post(url, 'add?cid-version=1&pin-name=tree', body)
  const names = lines.map((line) => (line as { Name: string }).Name)
  assert.deepEqual(new Set(names), new Set(['d/a b+c.txt', 'd/link', 'd']))
  assert.equal(names.at(-1), 'd')
  const root = (lines.at(-1) as { Hash: string }).Hash
  assert.deepEqual(
    node.pins.all().map(({ cid, name }) => [cid.toString(), name]),
    [[root, 'tree']],
  )
  const listed = await collectAll(client.ls(root))
  assert.deepEqual(
    listed.map(({ name, type, size }) => [name, type, size]),
    [
      ['a b+c.txt', 'file', 4],
      ['empty', 'dir', 0],
      ['link', 'file', 0],
    ],
  )
})

test('every entry at the top is pinned, or the directory around them alone', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  const files = [
    { path: 'a', content: 'one' },
    { path: 'b', content: 'two' },
  ]
  const plain = await collectAll(client.addAll(files, { cidVersion: 1 }))
  assert.deepEqual(
    new Set(node.pins.all().map(({ cid }) => cid.toString())),
    new Set(plain.map(({ cid }) => cid.toString())),
  )
  await collectAll(client.pin.rmAll(plain.map(({ cid }) => ({ path: cid.toString() }))))
  const wrapped = await collectAll(client.addAll(files, { cidVersion: 1, wrapWithDirectory: true }))
  assert.equal(wrapped.at(-1)?.path, '')
  assert.deepEqual(
    node.pins.all().map(({ cid }) => cid.toString()),
    [wrapped.at(-1)?.cid.toString()],
  )
})

test('options change the CID as they do in Kubo: leaves, chunks, links', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const content = madeBytes(2_000_000)
  const node = await startNode(t)
  const add = async (options: object): Promise<string> => (await client.add(content, options)).cid.toString()
  assert.equal(await add({}), await addBytes(node, content, 'unixfs-v0-2015'))
  assert.equal(await add({ cidVersion: 1 }), await addBytes(node, content, 'kubo-v1'))
  assert.equal(
    await add({ cidVersion: 1, rawLeaves: true, chunker: 'size-1048576', maxFileLinks: 1024 }),
    await addBytes(node, content, 'unixfs-v1-2025'),
  )
  const cids = await Promise.all([
    add({ cidVersion: 1, rawLeaves: false }),
    add({ cidVersion: 1, chunker: 'size-1000' }),
    add({ cidVersion: 1, chunker: 'size-1000', maxFileLinks: 3 }),
  ])
  assert.equal(new Set(cids).size, 3)
})

test('only-hash stores nothing, and pin=false leaves what is added to collection', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  const { cid } = await client.add('only', { cidVersion: 1, onlyHash: true })
  assert.equal(await node.blocks.has(parseCid(cid.toString())), false)
  await client.add('loose', { cidVersion: 1, pin: false })
  assert.equal((await collectAll(client.repo.gc())).length, 1)
})

test('progress is told while the file is read', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const told: number[] = []
  await client.add(madeBytes(3_000_000), { progress: (bytes) => void told.push(bytes) })
  assert.ok(told.length > 3)
  assert.ok(told.every((bytes, index) => index === 0 || bytes >= (told[index - 1] ?? 0)))
})

test('what is added comes back by cat, whole and in part', async (t) => {
  const { client } = await startRpc(t, await startNode(t))
  const content = madeBytes(2_000_000)
  const { cid } = await client.add(content)
  assert.ok(content.equals(await collectBytes(client.cat(cid))))
  const part = await collectBytes(client.cat(cid, { offset: 262_100, length: 600_000 }))
  assert.ok(content.subarray(262_100, 862_100).equals(part))
  assert.equal((await collectBytes(client.cat(cid, { offset: 3_000_000 }))).length, 0)
})

const refusals: [string, string, RegExp][] = [
  ['trickle=true', 'hello', /"trickle" is not supported/],
  ['chunker=rabin', 'hello', /chunker "rabin"/],
  ['chunker=size-0', 'hello', /chunker "size-0"/],
  ['hash=blake3', 'hello', /hash "blake3"/],
  ['cid-version=7', 'hello', /cid-version 7/],
  ['max-file-links=1', 'hello', /max-file-links/],
  ['pin=perhaps', 'hello', /"pin" is a boolean/],
]

for (const [query, content, message] of refusals) {
  test(`add?${query} is refused in Kubo's form, and nothing is stored`, async (t) => {
    const node = await startNode(t)
    const { url } = await startRpc(t, node)
    const { status, lines } = await post(url, `add?${query}`, part('f', 'text/plain', content) + end)
    assert.equal(status, 400)
    const [error] = lines as { Message: string; Code: number; Type: string }[]
    assert.match(error?.Message ?? '', message)
    assert.deepEqual([error?.Code, error?.Type], [1, 'error'])
    assert.deepEqual(await collectAll(node.blocks.list()), [])
  })
}

test('a body that breaks off, is empty or is none at all is refused', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  for (const body of [
    part('f', 'text/plain', 'hello'),
    end,
    'nonsense',
    part('%zz', 'text/plain', 'x') + end,
  ]) {
    const { status, lines } = await post(url, 'add', body)
    assert.equal(status, 400, JSON.stringify(body))
    assert.equal((lines[0] as { Type: string }).Type, 'error')
  }
  assert.equal((await fetch(`${url}/api/v0/add`, { method: 'POST' })).status, 400)
  assert.deepEqual(node.pins.all(), [])
})

test('a body over the limit is refused, and the node goes on', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node, 1_000_000)
  await assert.rejects(client.add(madeBytes(2_000_000)), /larger than allowed/)
  assert.deepEqual(node.pins.all(), [])
  assert.ok(await client.add(madeBytes(900_000)))
})

test('a client that goes away in the middle of an add leaves no pin', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  const controller = new AbortController()
  const content = (async function* () {
    yield madeBytes(300_000)
    controller.abort()
    yield madeBytes(300_000)
  })()
  await assert.rejects(client.add(content, { signal: controller.signal }))
  assert.deepEqual(node.pins.all(), [])
})
