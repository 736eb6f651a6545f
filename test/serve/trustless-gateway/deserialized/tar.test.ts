import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { type Header, extract } from 'tar-stream'
import { addBytes, collectBytes, madeBytes } from '../../../helpers/content.ts'
import { addTree, get, putBlock, putFolder, startWebsite } from '../tree.ts'

/** By another implementation than the one that made it. */
async function unpack(bytes: Buffer): Promise<Map<string, { header: Header; content: Buffer }>> {
  const entries = new Map<string, { header: Header; content: Buffer }>()
  const reader = extract()
  reader.end(bytes)
  for await (const entry of reader) {
    const content = await collectBytes(entry as AsyncIterable<Uint8Array>)
    entries.set(entry.header.name, { header: entry.header, content })
  }
  return entries
}

test('a tree comes as a TAR under its CID: files, folders, links, any names (IPIP-288)', async (t) => {
  const { node, url } = await startWebsite(t)
  const big = madeBytes(2_500_001)
  const long = `${'very-'.repeat(40)}long.txt`
  const tree = await addTree(node, { 'd/ü.txt': 'umlaut', 'd/big': big, [`d/${long}`]: 'long', empty: '' }, [
    { path: 'link', link: 'd/ü.txt' },
    { path: 'none', directory: true },
  ])
  const root = tree.get('') ?? ''
  const answer = await get(url, { path: `/ipfs/${root}?format=tar` })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['content-type'], 'application/x-tar')
  assert.equal(answer.headers['content-disposition'], `attachment; filename="${root}.tar"`)
  assert.equal(answer.headers['etag'], `W/"${root}.x-tar"`)
  const entries = await unpack(answer.body)
  const shown = [...entries].map(([name, { header }]) => [name, header.type])
  assert.deepEqual(Object.fromEntries(shown), {
    [root]: 'directory',
    [`${root}/d`]: 'directory',
    [`${root}/d/${long}`]: 'file',
    [`${root}/d/big`]: 'file',
    [`${root}/d/ü.txt`]: 'file',
    [`${root}/empty`]: 'file',
    [`${root}/link`]: 'symlink',
    [`${root}/none`]: 'directory',
  })
  assert.ok(entries.get(`${root}/d/big`)?.content.equals(big))
  assert.equal(entries.get(`${root}/d/ü.txt`)?.content.toString(), 'umlaut')
  assert.equal(entries.get(`${root}/link`)?.header.linkname, 'd/ü.txt')
  assert.ok(answer.body.equals((await get(url, { path: `/ipfs/${root}?format=tar` })).body))
})

test('one file, a custom name, HEAD and If-None-Match', async (t) => {
  const { node, url } = await startWebsite(t)
  const cid = await addBytes(node, Buffer.from('alone'))
  const path = `/ipfs/${cid}?format=tar&filename=${encodeURIComponent('tä.tar')}`
  const answer = await get(url, { path })
  assert.equal((await unpack(answer.body)).get(cid)?.content.toString(), 'alone')
  assert.equal(
    answer.headers['content-disposition'],
    `attachment; filename="t_.tar"; filename*=UTF-8''t%C3%A4.tar`,
  )
  const head = await get(url, { path, method: 'HEAD' })
  assert.deepEqual([head.status, head.headers['etag']], [200, answer.headers['etag']])
  const tag = String(answer.headers['etag'])
  assert.equal((await get(url, { path, headers: { 'if-none-match': tag } })).status, 304)
})

test('a name that leads out of the tree, or through a link, is refused before the first byte', async (t) => {
  const { node, url } = await startWebsite(t)
  const file = CID.parse(await addBytes(node, Buffer.from('x')))
  const tree = await addTree(node, {}, [{ path: 'link', link: '/etc' }])
  const link = CID.parse(tree.get('link') ?? '')
  const inner = await putFolder(node, [['../beside', file]])
  const cases: [name: string, root: CID, status: number][] = [
    ['parent', await putFolder(node, [['../out', file]]), 422],
    ['absolute', await putFolder(node, [['/../../out', file]]), 422],
    ['itself', await putFolder(node, [['.', file]]), 422],
    ['empty', await putFolder(node, [['', file]]), 422],
    ['NUL', await putFolder(node, [['a\0b', file]]), 422],
    [
      'twice',
      await putFolder(node, [
        ['a', file],
        ['a', link],
      ]),
      422,
    ],
    [
      'through a link',
      await putFolder(node, [
        ['a', link],
        ['a/passwd', file],
      ]),
      422,
    ],
    ['too long', await putFolder(node, [['x'.repeat(5000), file]]), 422],
    ['stays inside', await putFolder(node, [['dir', inner]]), 200],
  ]
  for (const [name, root, status] of cases) {
    assert.equal((await get(url, { path: `/ipfs/${root.toString()}?format=tar` })).status, status, name)
  }
})

test('a tree that holds itself many times over is refused, not walked for ever', async (t) => {
  const { node, url } = await startWebsite(t)
  let cid = CID.parse(await addBytes(node, Buffer.from('x')))
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
  for (let level = 0; level < 20; level++) {
    const below = cid
    cid = await putFolder(
      node,
      names.map((name) => [name, below]),
    )
  }
  const answer = await get(url, { path: `/ipfs/${cid.toString()}?format=tar` })
  assert.equal(answer.status, 422)
  assert.match(answer.body.toString(), /more than 20000 entries/)
})

test('what is not UnixFS in a tree is refused by its CID', async (t) => {
  const { node, url } = await startWebsite(t)
  const nothing = await putBlock(node, 'dag-pb', { Links: [] })
  const root = await putFolder(node, [['odd', nothing]])
  const answer = await get(url, { path: `/ipfs/${root.toString()}?format=tar` })
  assert.equal(answer.status, 400)
  assert.ok(answer.body.toString().includes(nothing.toString()))
})
