import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { addBytes, collectAll, collectBytes, madeBytes, startNode, startRpc } from '../../helpers/content.ts'
import { commandError, end, file, linesOf, part, post } from './wire.ts'

test('a file without a name is called by its CID, and is CIDv0 unless asked otherwise', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const body = part(undefined, 'application/octet-stream', 'hello world\n') + end
  const cid = 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'
  assert.deepEqual(linesOf(await post(url, 'add', body)), [{ Name: cid, Hash: cid, Size: '20' }])
})

test('files without names are linked under their CIDs into the directory around them (CIDs of Kubo 0.44.0-dev)', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const unnamed = (type: string, content: string): string => part(undefined, type, content)
  const body =
    unnamed('application/octet-stream', 'hello') +
    unnamed('application/octet-stream', 'hello2') +
    unnamed('application/symlink', 'tt') +
    end
  const lines = linesOf(await post(url, 'add?wrap-with-directory=true', body)) as { Hash: string }[]
  const names = [
    'QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX',
    'QmS21GuXiRMvJKHos4ZkEmQDmRBqRaF5tQS2CQCu2ne9sY',
    'QmZHguT96y4YMCwLC1P9N48653Tyua95Nb7oaAKZbFY4XR',
  ]
  const sizes = ['13', '14', '8']
  assert.deepEqual(lines, [
    ...names.map((cid, index) => ({ Name: cid, Hash: cid, Size: sizes[index] })),
    { Name: '', Hash: 'QmV4M1DezJ275zq4XoeQvmZQX4CJFyHey2N4FED1wpvqip', Size: '303' },
  ])
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
  const lines = linesOf(await post(url, 'add?cid-version=1&pin-name=tree', body))
  const names = lines.map((line) => (line as { Name: string }).Name)
  assert.deepEqual(new Set(names), new Set(['d/a b+c.txt', 'd/link', 'd/empty', 'd']))
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
      ['link', 'file', 12],
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

const refusals: [string, string][] = [
  ['trickle=true', 'option "trickle" is not supported'],
  ['inline=true', 'option "inline" is not supported'],
  ['to-files=/x&wrap-with-directory=true', 'wrap-with-directory and to-files options are not compatible'],
  ['to-files=/x&only-hash=true', 'only-hash and to-files options are not compatible'],
  ['nocopy=true', 'either the filestore or the urlstore must be enabled to use nocopy'],
  ['chunker=rabin', 'chunker "rabin" is not supported, size-1 to size-2096128 are'],
  ['chunker=size-0', 'chunker "size-0" is not supported, size-1 to size-2096128 are'],
  ['hash=blake3', 'hash "blake3" is not supported by add'],
  ['cid-version=7', 'unknown CID version: 7'],
  ['max-file-links=1', 'max-file-links must be at least 2'],
  ['pin-name=n&pin=false', 'pin-name option requires pin to be set'],
  [`pin-name=${'x'.repeat(256)}`, 'pin name is 256 bytes (max 255 bytes)'],
]

for (const [query, words] of refusals) {
  test(`add?${query.slice(0, 40)} is refused in Kubo's form, and nothing is stored`, async (t) => {
    const node = await startNode(t)
    const { url } = await startRpc(t, node)
    const { status, text } = await post(url, `add?${query}`, file('f', 'hello') + end)
    assert.deepEqual([status, text], [500, commandError(words)])
    assert.deepEqual(await collectAll(node.blocks.list()), [])
  })
}

test('names never lead out of the top, and what has none left is called by its CID', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  // Recorded from Kubo 0.44.0-dev.
  const cid = 'QmULKig5Fxrs2sC4qt9nNduucXfb92AFYQ6Hi3YRqDmrYC'
  const named: [string, string[]][] = [
    ['../../etc/passwd', ['etc/passwd', 'etc']],
    ['/abs/x', ['abs/x', 'abs']],
    ['a/../b', ['b']],
    ['a//b', ['a/b', 'a']],
    ['a%2Fb', ['a/b', 'a']],
    ['.', [cid]],
    ['..', [cid]],
    ['%zz', ['%zz']],
  ]
  for (const [name, names] of named) {
    const lines = linesOf(await post(url, 'add', file(name, 'x') + end)) as { Name: string; Hash: string }[]
    assert.deepEqual([lines.map(({ Name }) => Name), lines[0]?.Hash], [names, cid], name)
  }
})

test('progress tells of each 256 KiB and of the end, as Kubo does, also for a file that is empty', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const body = file('big', 'z'.repeat(600_000)) + end
  assert.deepEqual(linesOf(await post(url, 'add?progress=true', body)), [
    { Name: 'big', Bytes: 262144 },
    { Name: 'big', Bytes: 524288 },
    { Name: 'big', Bytes: 600000 },
    { Name: 'big', Hash: 'QmRJtuzk1aMKRJm9bh25c9obCHp32h7bs2H5pE6hmxs6TR', Size: '600194' },
  ])
  assert.deepEqual(linesOf(await post(url, 'add?progress=true', file('e', '') + end)), [
    { Name: 'e' },
    { Name: 'e', Hash: 'QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH', Size: '6' },
  ])
  assert.deepEqual(linesOf(await post(url, 'add?p=true&silent=true', file('s', 'x') + end)), [
    { Name: 's', Bytes: 1 },
  ])
})

test('short names of options count, and CIDs come in the base that is asked for', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  assert.deepEqual(linesOf(await post(url, 'add?w=true', file('f', 'hello') + end)).at(-1), {
    Name: '',
    Hash: 'QmaLwAgCJ5Tf6u8QnPM6tf9JjSMdG5HBXJkFuFfSuo5Qu6',
    Size: '60',
  })
  const [event] = linesOf(await post(url, 'add?cid-base=base36', file('f', 'hello') + end))
  const Hash = 'k2jmtxug3em5huwwobg0wxnybzs5b00hllnymrahrin673jx96ni0330'
  assert.deepEqual(event, { Name: 'f', Hash, Size: '13' })
})

test('a body that breaks off, is empty or is none at all is refused, and nothing is pinned', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  for (const body of [file('f', 'hello'), file('f', 'a') + file('g', 'b').slice(0, -3), end, 'nonsense']) {
    const answered = await post(url, 'add', body)
    assert.equal(answered.status, 500, JSON.stringify(body))
    assert.equal((linesOf(answered)[0] as { Type: string }).Type, 'error')
  }
  const without = await post(url, 'add')
  assert.deepEqual([without.status, without.text], [400, "file argument 'path' is required\n"])
  assert.deepEqual(node.pins.all(), [])
})

test('adds at once come out whole, each of them pinned', async (t) => {
  const node = await startNode(t)
  const { client } = await startRpc(t, node)
  const contents = ['one', 'two', 'three', 'four'].map((seed) => madeBytes(1_500_000, seed))
  const added = await Promise.all(contents.map((content) => client.add(content, { cidVersion: 1 })))
  for (const [index, { cid }] of added.entries()) {
    assert.ok(contents[index]?.equals(await collectBytes(client.cat(cid))))
    assert.equal(node.pins.get(parseCid(cid.toString()))?.mode, 'recursive')
  }
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
