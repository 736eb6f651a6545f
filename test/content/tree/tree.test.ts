// Files and folders of DAGs that nobody here has made: what they lead to, and where they must not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { type Block, codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import { BlockCache } from '../../../src/content/tree/cache.ts'
import { listFolder, lookUp, readFileAt } from '../../../src/content/tree/tree.ts'

const blocks = new BlockCache(Number.MAX_SAFE_INTEGER)
const most = 1024 * 1024

async function put(block: Block): Promise<CID> {
  await blocks.put(block)
  return block.cid
}

const raw = (text: string): Promise<CID> => put(makeBlock(Buffer.from(text), codecOf('raw')))

const node = (entry: UnixFS, links: [name: string, cid: CID][] = []): Promise<CID> => {
  const Links = links.map(([Name, Hash]) => ({ Name, Hash, Tsize: 1 }))
  return put(makeBlock(dagPb.encode({ Data: entry.marshal(), Links }), codecOf('dag-pb')))
}

const folder = (entries: [name: string, cid: CID][]): Promise<CID> =>
  node(new UnixFS({ type: 'directory' }), sorted(entries))

/** As dag-pb has them: by the bytes of their names. */
function sorted(entries: [string, CID][]): [string, CID][] {
  return [...entries].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}

const link = (target: string): Promise<CID> =>
  node(new UnixFS({ type: 'symlink', data: Buffer.from(target) }))

const read = async (cid: CID, ...segments: string[]): Promise<string> =>
  Buffer.from(await readFileAt(blocks, { cid, segments }, most)).toString()

const list = async (cid: CID, ...segments: string[]): Promise<string[]> =>
  (await listFolder(blocks, { cid, segments })).map(
    ({ name, type, isLink }) => `${name} ${isLink ? 'link to ' : ''}${type}`,
  )

test('links are followed from the folder that they are in, up and down, one after the other', async () => {
  const deep = await folder([
    ['up', await link('../../top.txt')],
    ['round', await link('.././b//up')],
  ])
  const a = await folder([['b', deep]])
  const root = await folder([
    ['a', a],
    ['again', await link('a/b/round')],
    ['here', await link('a/b')],
    ['top.txt', await raw('top')],
  ])
  assert.equal(await read(root, 'a', 'b', 'up'), 'top')
  assert.equal(await read(root, 'again'), 'top')
  assert.equal(await read(root, 'here', 'round'), 'top')
  assert.deepEqual(await list(root, 'here'), ['round link to file', 'up link to file'])
  const { type, isLink, size } = await lookUp(blocks, { cid: root, segments: ['again'] })
  assert.deepEqual({ type, isLink, size }, { type: 'file', isLink: true, size: 3 })
})

test('a link that leads out, to a path of this machine, into itself or to nothing leads nowhere', async () => {
  const bad = ['../x', 'a/../../x', '/etc/passwd', 'a', 'b', 'missing', 'file/below', 'x/'.repeat(3_000)]
  const named = bad.map((target, index) => [`bad ${index}`, target] as const)
  const root = await folder([
    ['a', await link('b')],
    ['b', await link('a')],
    ['file', await raw('file')],
    ...(await Promise.all(
      named.map(async ([name, target]): Promise<[string, CID]> => [name, await link(target)]),
    )),
  ])
  for (const [name, target] of named) {
    await assert.rejects(read(root, name), { code: 'CONTENT_NOT_FOUND' }, target.slice(0, 20))
    const { type, isLink } = await lookUp(blocks, { cid: root, segments: [name] })
    assert.deepEqual({ type, isLink }, { type: 'unknown', isLink: true })
  }
})

test('a CID that is itself a link has nothing around it', async () => {
  const cid = await link('anything')
  const { type, isLink } = await lookUp(blocks, { cid, segments: [] })
  assert.deepEqual({ type, isLink }, { type: 'unknown', isLink: true })
  await assert.rejects(read(cid), { code: 'CONTENT_NOT_FOUND' })
})

test('names that no path can hold are left out, and of one name the first counts', async () => {
  const [one, two] = [await raw('one'), await raw('two')]
  const root = await folder([
    ['', one],
    ['.', one],
    ['..', one],
    ['a/b', one],
    ['same', one],
    ['same', two],
  ])
  assert.deepEqual(await list(root), ['same file'])
  assert.equal(await read(root, 'same'), 'one')
})

test('one entry that is missing or not readable does not hide the others', async () => {
  const root = await folder([
    ['cbor', await put(makeBlock(Buffer.from([0xa0]), codecOf('dag-cbor')))],
    ['fine', await raw('fine')],
    [
      'missing',
      makeBlock(dagPb.encode({ Data: new UnixFS({ type: 'file' }).marshal(), Links: [] }), codecOf('dag-pb'))
        .cid,
    ],
    ['no unixfs', await put(makeBlock(dagPb.encode({ Links: [] }), codecOf('dag-pb')))],
  ])
  assert.deepEqual(await list(root), ['cbor file', 'fine file', 'missing unknown', 'no unixfs unknown'])
})

test('a file larger than is allowed is refused by its size, before its bytes are asked for', async () => {
  const absent = CID.parse('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
  const large = await node(new UnixFS({ type: 'file', blockSizes: [BigInt(most) + 1n] }), [['', absent]])
  await assert.rejects(read(large), { code: 'CONTENT_TOO_LARGE' })
})

test('a file whose parts are not as large as it says is not given at all', async () => {
  const part = await raw('12345')
  for (const said of [4n, 6n]) {
    const file = await node(new UnixFS({ type: 'file', blockSizes: [said] }), [['', part]])
    await assert.rejects(read(file), { code: 'CODEC_UNSUPPORTED' })
  }
})

test('a folder that is asked for as a file, and below a file, is not found', async () => {
  const root = await folder([['file', await raw('file')]])
  await assert.rejects(read(root), { code: 'CONTENT_NOT_FOUND' })
  await assert.rejects(read(root, 'file', 'below'), { code: 'CONTENT_NOT_FOUND' })
  await assert.rejects(list(root, 'missing'), { code: 'CONTENT_NOT_FOUND' })
})
