import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { codecOf, makeBlock, parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { addBytes, collectAll, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { readCar } from '../../helpers/gateways.ts'
import { addTree } from './tree.ts'

async function fetchCids(url: string): Promise<string[]> {
  const response = await fetch(url)
  assert.equal(response.status, 200, url)
  const { blocks } = await readCar(new Uint8Array(await response.arrayBuffer()))
  return blocks.map(({ cid }) => cid.toString())
}

async function dagOf(node: ContentNode, cid: string): Promise<string[]> {
  return (await collectAll(walkDag(node, parseCid(cid)))).map((block) => block.cid.toString())
}

test('a path is verified by its blocks, then comes what dag-scope asks for', async (t) => {
  const node = await startNode(t)
  const tree = await addTree(node, { 'd/big': madeBytes(3_000_000), 'd/small': Buffer.from('small') })
  const [root = '', folder = '', big = ''] = ['', 'd', 'd/big'].map((path) => tree.get(path))
  const url = `${await startGateway(t, node)}/ipfs/${root}`
  const file = await dagOf(node, big)
  assert.equal(file.length, 4)
  assert.deepEqual(await fetchCids(`${url}/d/big?format=car`), [root, folder, ...file])
  assert.deepEqual(await fetchCids(`${url}/d/big?format=car&dag-scope=entity`), [root, folder, ...file])
  assert.deepEqual(await fetchCids(`${url}/d/big?format=car&dag-scope=block`), [root, folder, big])
  assert.deepEqual(await fetchCids(`${url}/d?format=car&dag-scope=entity`), [root, folder])
  assert.deepEqual(await fetchCids(`${url}/d?format=car&dag-scope=block`), [root, folder])
  assert.deepEqual(await fetchCids(`${url}?format=car`), await dagOf(node, root))
  const { headers } = await fetch(`${url}/d/big?format=car`, { method: 'HEAD' })
  assert.equal(headers.get('x-ipfs-roots'), [root, folder, big].join(','))
  assert.equal((await fetch(`${url}/d/none?format=car`)).status, 404)
})

test('entity-bytes leaves out the blocks that the range does not need', async (t) => {
  const node = await startNode(t)
  const root = await addBytes(node, madeBytes(3_500_000))
  const [top = '', ...leaves] = await dagOf(node, root)
  assert.equal(leaves.length, 4)
  const url = `${await startGateway(t, node)}/ipfs/${root}?format=car&entity-bytes=`
  const mebibyte = 1_048_576
  const cases: [string, string[]][] = [
    ['0:*', leaves],
    ['0:0', leaves.slice(0, 1)],
    [`${mebibyte}:${2 * mebibyte - 1}`, leaves.slice(1, 2)],
    [`${mebibyte - 1}:${mebibyte}`, leaves.slice(0, 2)],
    ['-10:*', leaves.slice(3)],
    ['-9999999:5', leaves.slice(0, 1)],
    ['0:-1000000', leaves.slice(0, 3)],
    [`${3 * mebibyte}:99999999`, leaves.slice(3)],
    ['99999999:*', []],
    ['5:2', []],
  ]
  for (const [range, expected] of cases) {
    assert.deepEqual(await fetchCids(`${url}${range}`), [top, ...expected], range)
  }
})

test('entity-bytes of what is no file is dag-scope=entity (entity-bytes)', async (t) => {
  const node = await startNode(t)
  const cbor = codecOf('dag-cbor')
  const leaf = makeBlock(Buffer.from('leaf'), codecOf('raw'))
  const value = makeBlock(cbor.encode([leaf.cid]), cbor)
  for (const block of [leaf, value]) await node.putBlock(block)
  const folder = (await addTree(node, { 'a/b': 'x', c: 'y' })).get('') ?? ''
  const gateway = await startGateway(t, node)
  for (const cid of [leaf.cid.toString(), value.cid.toString(), folder]) {
    for (const range of ['0:*', '5:10', '-3:*', '10:2']) {
      assert.deepEqual(await fetchCids(`${gateway}/ipfs/${cid}?format=car&entity-bytes=${range}`), [cid])
    }
  }
})

test('a block of more links than a call takes arguments is followed', async (t) => {
  const node = await startNode(t)
  const cbor = codecOf('dag-cbor')
  const leaf = makeBlock(Buffer.from('leaf'), codecOf('raw'))
  const links = Array.from({ length: 200_000 }, () => CID.parse('bafkqaaa'))
  const root = makeBlock(cbor.encode([...links, leaf.cid]), cbor)
  for (const block of [leaf, root]) await node.putBlock(block)
  const url = `${await startGateway(t, node)}/ipfs/${root.cid.toString()}?format=car`
  assert.deepEqual(await fetchCids(url), [root.cid.toString(), leaf.cid.toString()])
})

test('dups=y sends a block each time it occurs, dups=n once', async (t) => {
  const node = await startNode(t)
  const root = await addBytes(node, Buffer.alloc(3 * 1_048_576))
  const url = `${await startGateway(t, node)}/ipfs/${root}?format=car`
  const [top = '', leaf = ''] = await dagOf(node, root)
  assert.deepEqual(await fetchCids(url), [top, leaf])
  for (const scope of ['all', 'entity']) {
    assert.deepEqual(await fetchCids(`${url}&car-dups=y&dag-scope=${scope}`), [top, leaf, leaf, leaf])
    assert.deepEqual(await fetchCids(`${url}&car-dups=n&dag-scope=${scope}`), [top, leaf])
  }
})

test('a large directory is listed by all its shards, and a path goes through those it needs', async (t) => {
  const node = await startNode(t)
  const files: Record<string, Uint8Array> = {}
  for (let index = 0; index < 6000; index++) files[`file-${index}`] = Buffer.from('same')
  const tree = await addTree(node, files)
  const [root = '', file = ''] = ['', 'file-4321'].map((path) => tree.get(path))
  const url = `${await startGateway(t, node)}/ipfs/${root}`
  const all = await dagOf(node, root)
  const shards = await fetchCids(`${url}?format=car&dag-scope=entity`)
  // CAR order: dfs.
  assert.deepEqual(
    shards,
    all.filter((cid) => cid !== file),
  )
  const path = await fetchCids(`${url}/file-4321?format=car`)
  assert.deepEqual([path[0], path.at(-1)], [root, file])
  assert.ok(path.length >= 3 && path.length < 8)
  assert.equal((await fetch(`${url}/file-9999?format=car`)).status, 404)
})

test('identity blocks are followed and never sent', async (t) => {
  const node = await startNode(t)
  const cbor = codecOf('dag-cbor')
  const identity = CID.parse('bafkqabtimvwgy3yk')
  const leaf = makeBlock(Buffer.from('leaf'), codecOf('raw'))
  const root = makeBlock(cbor.encode([identity, leaf.cid]), cbor)
  await node.putBlock(leaf)
  await node.putBlock(root)
  const gateway = await startGateway(t, node)
  for (const dups of ['y', 'n']) {
    assert.deepEqual(await fetchCids(`${gateway}/ipfs/${root.cid.toString()}?format=car&car-dups=${dups}`), [
      root.cid.toString(),
      leaf.cid.toString(),
    ])
  }
  const inline = await fetch(`${gateway}/ipfs/${identity.toString()}?format=raw`)
  assert.equal(await inline.text(), 'hello\n')
})

test('dag-cbor is followed by its keys; a path that ends inside a block gives that block', async (t) => {
  const node = await startNode(t)
  const cbor = codecOf('dag-cbor')
  const leaf = makeBlock(cbor.encode({ deep: { value: 1 } }), cbor)
  const root = makeBlock(cbor.encode({ a: { link: leaf.cid } }), cbor)
  await node.putBlock(leaf)
  await node.putBlock(root)
  const url = `${await startGateway(t, node)}/ipfs/${root.cid.toString()}`
  const both = [root.cid.toString(), leaf.cid.toString()]
  assert.deepEqual(await fetchCids(`${url}/a/link?format=car`), both)
  assert.deepEqual(await fetchCids(`${url}/a/link/deep?format=car`), both)
  assert.deepEqual(await fetchCids(`${url}?format=car&dag-scope=entity`), both.slice(0, 1))
  for (const path of ['a/none', '__proto__', 'constructor']) {
    assert.equal((await fetch(`${url}/${path}?format=car`)).status, 404, path)
  }
})

test('a codec that is not known is served as a block and refused as a DAG', async (t) => {
  const node = await startNode(t)
  const { multihash } = makeBlock(Buffer.from('git object'), codecOf('raw')).cid
  const block = { cid: CID.createV1(0x78, multihash), bytes: Buffer.from('git object') }
  await node.putBlock(block)
  const url = `${await startGateway(t, node)}/ipfs/${block.cid.toString()}`
  assert.equal(await (await fetch(`${url}?format=raw`)).text(), 'git object')
  assert.deepEqual(await fetchCids(`${url}?format=car&dag-scope=block`), [block.cid.toString()])
  const all = await fetch(`${url}?format=car`)
  assert.equal(all.status, 400)
  assert.match(((await all.json()) as { detail: string }).detail, /codec 0x78/)
})
