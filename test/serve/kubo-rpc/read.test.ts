import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { CID } from 'multiformats/cid'
import { extract } from 'tar-stream'
import type { ContentNode } from '../../../src/content/node.ts'
import {
  addBytes,
  addDefaults,
  collectAll,
  collectBytes,
  madeBytes,
  startNode,
  startRpc,
} from '../../helpers/content.ts'
import { commandError, linesOf, post } from './wire.ts'

const big = madeBytes(700_000)

/** The same tree each time, as `kubo-v1` makes it but for the chunks. */
async function addTree(node: ContentNode): Promise<string> {
  let root = ''
  const entries = [
    { path: 'd/a.txt', content: Buffer.from('hello\n') },
    { path: 'd/sub/big.bin', content: big },
    { path: 'd/sub/empty', directory: true as const },
    { path: 'd/sub/link', link: '../a.txt' },
    { path: 'd/ü b+c.txt', content: Buffer.from('uni\n') },
  ]
  for await (const { cid } of node.add(entries, { ...addDefaults, chunkBytes: 262_144 }))
    root = cid.toString()
  return root
}

interface Unpacked {
  name: string
  type: string
  mode: string
  text: string
}

async function unpack(archive: Uint8Array): Promise<Unpacked[]> {
  const entries: Unpacked[] = []
  const reader = extract()
  reader.end(archive)
  for await (const entry of reader) {
    const { name, type, mode, linkname } = entry.header
    const bytes = await collectBytes(entry as AsyncIterable<Uint8Array>)
    const text = type === 'symlink' ? linkname : bytes.equals(big) ? 'big' : bytes.toString()
    entries.push({ name, type, mode: mode.toString(8), text })
  }
  return entries
}

async function get(url: string, path: string): Promise<{ headers: Headers; bytes: Buffer }> {
  const response = await fetch(`${url}/api/v0/get?${path}`, { method: 'POST' })
  assert.equal(response.status, 200, path)
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}

test('get packs a directory with all that is in it, in the order and the modes that Kubo has', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addTree(node)
  const { headers, bytes } = await get(url, `arg=${root}`)
  assert.equal(headers.get('content-type'), 'application/x-tar')
  assert.equal(headers.get('x-stream-output'), '1')
  const dir = (name: string): Unpacked => ({ name, type: 'directory', mode: '755', text: '' })
  const plain = (name: string, text: string): Unpacked => ({ name, type: 'file', mode: '644', text })
  assert.deepEqual(
    (await unpack(bytes)).map((entry) => ({ ...entry, name: entry.name.replace(/\/$/, '') })),
    [
      dir(root),
      plain(`${root}/a.txt`, 'hello\n'),
      dir(`${root}/sub`),
      plain(`${root}/sub/big.bin`, 'big'),
      dir(`${root}/sub/empty`),
      { name: `${root}/sub/link`, type: 'symlink', mode: '777', text: '../a.txt' },
      plain(`${root}/ü b+c.txt`, 'uni\n'),
    ],
  )
})

test('get packs one file or one link under its own name, and compresses when that is asked for', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const root = await addTree(node)
  const { headers, bytes } = await get(url, `arg=${root}/a.txt`)
  assert.equal(headers.get('x-content-length'), '6')
  assert.deepEqual(await unpack(bytes), [{ name: 'a.txt', type: 'file', mode: '644', text: 'hello\n' }])
  assert.deepEqual(await unpack((await get(url, `arg=${root}/sub/link`)).bytes), [
    { name: 'link', type: 'symlink', mode: '777', text: '../a.txt' },
  ])
  const zipped = await get(url, `arg=${root}/a.txt&compress=true&compression-level=9`)
  assert.equal(zipped.headers.get('content-type'), 'application/gzip')
  assert.equal(gunzipSync(zipped.bytes).toString(), 'hello\n')
  const archived = await get(url, `arg=${root}/a.txt&archive=true&C=true`)
  assert.equal((await unpack(gunzipSync(archived.bytes)))[0]?.text, 'hello\n')
  const byClient = await collectBytes(client.get(CID.parse(root)))
  assert.equal((await unpack(byClient)).length, 7)
})

test('get refuses what it can not pack', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addTree(node)
  const level = await post(url, `get?arg=${root}/a.txt&compress=true&compression-level=10`)
  assert.equal(level.text, commandError('compression level must be between 1 and 9'))
  const folder = await post(url, `get?arg=${root}&compress=true`)
  assert.equal(folder.text, commandError('file is not regular'))
})

test('cat reads several files as one, and a symbolic link as where it leads', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addTree(node)
  const part = await post(url, `cat?arg=${root}/a.txt&arg=${root}/sub/link&offset=3&length=6`)
  assert.deepEqual([part.text, part.headers.get('x-content-length')], ['lo\n../', '6'])
  assert.equal((await post(url, `cat?arg=${root}`)).text, commandError('this dag node is a directory'))
})

test('ls tells of each entry at once or line by line, and reads none when neither size nor type counts', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addTree(node)
  const link = {
    Name: 'link',
    Hash: 'bafybeignpr577tcjunbdm5hcpud4a2xcyd7427uwi4hu52wlml7gfv4yoi',
    Size: 8,
    Type: 4,
    Target: '../a.txt',
    Mode: 0,
    ModTime: '0001-01-01T00:00:00Z',
  }
  const lines = linesOf(await post(url, `ls?arg=${root}/sub&stream=true`))
  assert.equal(lines.length, 3)
  assert.deepEqual(lines.at(-1), { Objects: [{ Hash: `${root}/sub`, Links: [link] }] })
  await node.blocks.delete(await resolved(url, `${root}/sub/empty`))
  assert.equal((await post(url, `ls?arg=${root}/sub`)).status, 500)
  const blind = linesOf(await post(url, `ls?arg=${root}/sub&size=false&resolve-type=false`))
  const [{ Links }] = (blind[0] as { Objects: [{ Links: unknown[] }] }).Objects
  assert.deepEqual(Links.at(-1), { ...link, Size: 0, Type: 0, Target: '' })
  assert.equal((await post(url, `ls?arg=${root}/a.txt&stream=true`)).text, '')
})

test('ls of a file tells of its parts, which have no names, and of none when it is one block', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  for (const [profile, blind] of [
    ['unixfs-v0-2015', { Size: 0, Type: 0 }],
    ['kubo-v1', { Size: 100_000, Type: 2 }],
  ] as const) {
    const file = await addBytes(node, madeBytes(262_144 + 100_000), profile)
    const links = async (query: string): Promise<object[]> => {
      const [answer] = linesOf(await post(url, `ls?arg=${file}${query}`)) as {
        Objects: { Links: object[] }[]
      }[]
      return answer?.Objects[0]?.Links ?? []
    }
    const told = (await links('')).map((link) => ({ ...link, Hash: '' }))
    const part = {
      Name: '',
      Hash: '',
      Size: 262_144,
      Type: 2,
      Target: '',
      Mode: 0,
      ModTime: '0001-01-01T00:00:00Z',
    }
    assert.deepEqual(told, [part, { ...part, Size: 100_000 }])
    const [, last] = await links('&size=false&resolve-type=false')
    assert.deepEqual({ ...last, Hash: '' }, { ...part, ...blind })
    const leaf = (await links(''))[1] as { Hash: string }
    assert.deepEqual(linesOf(await post(url, `ls?arg=${leaf.Hash}`)), [
      { Objects: [{ Hash: leaf.Hash, Links: [] }] },
    ])
  }
})

async function resolved(url: string, path: string): Promise<CID> {
  const [answer] = linesOf(await post(url, `resolve?arg=${path}`)) as { Path: string }[]
  return CID.parse(answer?.Path.replace('/ipfs/', '') ?? '')
}

test('refs follow links as deep as is asked, once or each time, in the format that is asked for', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const leaf = await client.dag.put({ leaf: true })
  const [left, right] = [await client.dag.put({ left: leaf }), await client.dag.put({ right: leaf })]
  const root = await client.dag.put([left, right])
  const refs = async (query: string): Promise<string[]> =>
    linesOf(await post(url, `refs?arg=${root.toString()}&${query}`)).map(
      (line) => (line as { Ref: string }).Ref,
    )
  const names = [left, leaf, right, leaf].map(String)
  assert.deepEqual(await refs(''), [left, right].map(String))
  assert.deepEqual(await refs('r=true'), names)
  assert.deepEqual(await refs('r=true&unique=true'), names.slice(0, 3))
  assert.deepEqual(await refs('recursive=true&max-depth=1'), [left, right].map(String))
  assert.deepEqual(await refs('recursive=true&max-depth=0'), [])
  assert.deepEqual(
    await refs('edges=true'),
    [left, right].map((to) => `${root.toString()} -> ${to.toString()}`),
  )
  assert.match((await post(url, `refs?arg=${root.toString()}&edges=1&format=x`)).text, /is not allowed/)
  const tree = await addTree(node)
  const named = linesOf(await post(url, `refs?arg=${tree}&format=<linkname>`)) as { Ref: string }[]
  assert.deepEqual(
    named.map(({ Ref }) => Ref),
    ['a.txt', 'sub', 'ü b+c.txt'],
  )
})

test('a root that refs can not read is told of in its place, and the next one comes all the same', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addTree(node)
  const gone = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
  const lines = linesOf(await post(url, `refs?arg=${gone}&arg=${root}`)) as { Ref: string; Err: string }[]
  assert.deepEqual(lines[0], {
    Ref: '',
    Err: `block was not found locally (offline): ipld: could not find ${gone}`,
  })
  assert.equal(lines.length, 4)
})

test('refs/local and repo/ls name every stored block as raw', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  await addTree(node)
  const stored = (await collectAll(node.blocks.list())).map(String).sort()
  const local = (await collectAll(client.refs.local())).map(({ ref }) => ref).sort()
  assert.deepEqual(local, stored)
  assert.equal(linesOf(await post(url, 'repo/ls')).length, stored.length)
})
