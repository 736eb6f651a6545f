import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addBytes, madeBytes } from '../../../helpers/content.ts'
import { type Website, addTree, get, putBlock, putFolder, startWebsite } from '../tree.ts'

async function typeOf({ url }: Website, path: string, headers = {}): Promise<unknown> {
  const answer = await get(url, { path: `/ipfs/${path}`, headers })
  return answer.status === 200 ? answer.headers['content-type'] : answer.status
}

test('a file has the type of its name, of ?filename, or of its bytes (path gateway, Content-Type)', async (t) => {
  const site = await startWebsite(t)
  const tree = await addTree(site.node, {
    'a.html': '<p>',
    'b.css': 'a{}',
    'c.wasm': '\0asm',
    'd.json': '{}',
    e: 'plain',
  })
  const root = tree.get('') ?? ''
  assert.equal(await typeOf(site, `${root}/a.html`), 'text/html')
  assert.equal(await typeOf(site, `${root}/b.css`), 'text/css; charset=utf-8')
  assert.equal(await typeOf(site, `${root}/c.wasm`), 'application/wasm')
  assert.equal(await typeOf(site, `${root}/d.json`), 'application/json')
  assert.equal(await typeOf(site, `${root}/e`), 'text/plain; charset=utf-8')
  assert.equal(await typeOf(site, `${root}/e?filename=x.pdf`), 'application/pdf')
  const bytes: [Buffer, string][] = [
    [Buffer.from('ü text\n'), 'text/plain; charset=utf-8'],
    [Buffer.alloc(0), 'text/plain; charset=utf-8'],
    [Buffer.from(' <!DOCTYPE html><title>x'), 'text/html'],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"></svg>'), 'image/svg+xml'],
    [Buffer.from(JSON.stringify(['x'.repeat(5000)])), 'application/json'],
    [Buffer.from('{not json'), 'text/plain; charset=utf-8'],
    [Buffer.from('89504e470d0a1a0a00', 'hex'), 'image/png'],
    [Buffer.from('0061736d01000000', 'hex'), 'application/wasm'],
    [Buffer.from([0xff, 0xfe, 1]), 'application/octet-stream'],
    [Buffer.from('a\0b'), 'application/octet-stream'],
    [Buffer.concat([Buffer.alloc(511, 'a'), Buffer.from('ü')]), 'text/plain; charset=utf-8'],
  ]
  for (const [content, type] of bytes) {
    assert.equal(
      await typeOf(site, await addBytes(site.node, content)),
      type,
      content.toString('latin1', 0, 20),
    )
  }
})

test('Content-Disposition is there for ?filename and ?download=true, in ASCII and in UTF-8', async (t) => {
  const { node, url } = await startWebsite(t)
  const tree = await addTree(node, { 'a.txt': 'text' })
  const ask = async (path: string): Promise<unknown> =>
    (await get(url, { path: `/ipfs/${path}` })).headers['content-disposition']
  const file = `${tree.get('') ?? ''}/a.txt`
  assert.equal(await ask(file), undefined)
  assert.equal(await ask(`${file}?filename=b.txt`), 'inline; filename="b.txt"')
  assert.equal(await ask(`${file}?filename=b.txt&download=true`), 'attachment; filename="b.txt"')
  assert.equal(await ask(`${file}?download=true`), 'attachment; filename="a.txt"')
  assert.equal(await ask(`${file}?download=false`), undefined)
  const odd = encodeURIComponent('a"\r\nSet-Cookie: x=тест/../b')
  assert.equal(
    await ask(`${file}?filename=${odd}`),
    `inline; filename="a___Set-Cookie: x=____/../b"`.replace('____/../b', '_____.._b') +
      `; filename*=UTF-8''${odd}`,
  )
  assert.ok(String(await ask(`${file}?filename=${encodeURIComponent('🙂'.repeat(1000))}`)).length < 4000)
})

test('headers of a file: kept for ever, tagged by its CID, named by path and roots; HEAD has the same', async (t) => {
  const { node, url } = await startWebsite(t)
  const content = madeBytes(2_500_000)
  const tree = await addTree(node, { 'd/ü.bin': content })
  const [root = '', folder = '', file = ''] = ['', 'd', 'd/ü.bin'].map((name) => tree.get(name))
  const path = `/ipfs/${root}/d/%C3%BC.bin`
  const whole = await get(url, { path })
  assert.ok(whole.body.equals(content))
  const expected: Record<string, string> = {
    'cache-control': 'public, max-age=29030400, immutable',
    'content-length': '2500000',
    'content-type': 'application/octet-stream',
    'x-ipfs-path': path,
    'x-ipfs-roots': [root, folder, file].join(','),
    etag: `"${file}"`,
  }
  const head = await get(url, { path, method: 'HEAD' })
  for (const answer of [whole, head]) {
    assert.equal(answer.status, 200)
    for (const [name, value] of Object.entries(expected)) assert.equal(answer.headers[name], value, name)
  }
  for (const tag of [`"${file}"`, `W/"${file}"`, `"a", "${file}"`, '*']) {
    const answer = await get(url, { path, headers: { 'if-none-match': tag } })
    assert.deepEqual([answer.status, answer.body.length], [304, 0], tag)
  }
  assert.equal((await get(url, { path, headers: { 'if-none-match': `"${root}"` } })).status, 200)
})

test('JSON that is asked for by its type is the file when it is JSON, and 406 when it is not', async (t) => {
  const site = await startWebsite(t)
  const json = await addBytes(site.node, Buffer.from('{"a":1}'))
  const text = await addBytes(site.node, Buffer.from('text'))
  const accept = 'application/json'
  assert.equal(await typeOf(site, `${json}?format=json`), accept)
  assert.equal(await typeOf(site, json, { accept }), accept)
  assert.equal(await typeOf(site, `${json}?format=json`, { accept: 'application/vnd.ipld.raw' }), accept)
  assert.equal(await typeOf(site, `${text}?format=json`), 406)
  assert.equal(await typeOf(site, text, { accept }), 406)
  assert.equal(
    await typeOf(site, text, { accept: `${accept}, text/plain, */*` }),
    'text/plain; charset=utf-8',
  )
})

test('what is preferred is sent, and of equals what is more specific (RFC 9110 section 12.5.1)', async (t) => {
  const site = await startWebsite(t)
  const cid = await addBytes(site.node, Buffer.from('text'))
  const raw = 'application/vnd.ipld.raw'
  assert.equal(await typeOf(site, cid, { accept: `*/*, ${raw}` }), raw)
  assert.equal(await typeOf(site, cid, { accept: `text/html, ${raw};q=0.5` }), 'text/plain; charset=utf-8')
  assert.equal(await typeOf(site, cid, { accept: `${raw};q=0, */*` }), 'text/plain; charset=utf-8')
  assert.equal(await typeOf(site, cid, { accept: 'application/vnd.ipfs.ipns-record' }), 406)
})

test('what is neither file nor directory is refused by name', async (t) => {
  const { node, url } = await startWebsite(t)
  const nothing = await putBlock(node, 'dag-pb', { Links: [] })
  const strange = await get(url, { path: `/ipfs/${nothing.toString()}` })
  assert.equal(strange.status, 400)
  assert.match(strange.body.toString(), /not UnixFS/)
  const folder = await putFolder(node, [['gone', nothing]])
  await node.blocks.delete(nothing)
  assert.equal((await get(url, { path: `/ipfs/${folder.toString()}/gone` })).status, 404)
  assert.equal((await get(url, { path: `/ipfs/${folder.toString()}/never` })).status, 404)
})
