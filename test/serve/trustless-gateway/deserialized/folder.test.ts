import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { readNode } from '../../../../src/content/dag/unixfs.ts'
import { addBytes } from '../../../helpers/content.ts'
import { addTree, get, putFolder, startWebsite } from '../tree.ts'

test('a directory without a slash is redirected to it, always to this host (path gateway, Location)', async (t) => {
  const { node, url } = await startWebsite(t)
  const tree = await addTree(node, { 'ą/b c/f': '', '/example.com/f': '' })
  const root = tree.get('') ?? ''
  const ask = async (path: string, method = 'GET'): Promise<unknown[]> => {
    const { status, headers } = await get(url, { path, method })
    return [status, headers['location']]
  }
  assert.deepEqual(await ask(`/ipfs/${root}`), [301, `/ipfs/${root}/`])
  assert.deepEqual(await ask(`/ipfs/${root}/%c4%85/b%20c`, 'HEAD'), [301, `/ipfs/${root}/%C4%85/b%20c/`])
  assert.deepEqual(await ask(`/ipfs/${root}?a=b&c=%0d%0a`), [301, `/ipfs/${root}/?a=b&c=%0d%0a`])
  for (const path of [
    `//example.com/ipfs/${root}`,
    `/\\example.com/ipfs/${root}`,
    `/ipfs//${root}//example.com`,
  ]) {
    const [status, location] = await ask(path)
    assert.ok(status !== 301 || String(location).startsWith(`/ipfs/${root}/`), path)
  }
})

test('index.html goes before a listing, tagged by the directory (path gateway, Response Payload)', async (t) => {
  const { node, url } = await startWebsite(t)
  const tree = await addTree(node, { 'site/index.html': '<h1>home</h1>', 'odd/index.html/file': '' })
  const root = tree.get('') ?? ''
  const answer = await get(url, { path: `/ipfs/${root}/site/` })
  assert.deepEqual([answer.status, answer.body.toString()], [200, '<h1>home</h1>'])
  assert.equal(answer.headers['content-type'], 'text/html')
  assert.equal(answer.headers['etag'], `"${tree.get('site') ?? ''}"`)
  assert.equal(answer.headers['x-ipfs-roots'], [root, tree.get('site')].join(','))
  const range = await get(url, { path: `/ipfs/${root}/site/`, headers: { range: 'bytes=4-7' } })
  assert.deepEqual([range.status, range.body.toString()], [206, 'home'])
  assert.match((await get(url, { path: `/ipfs/${root}/odd/` })).body.toString(), /Index of/)
})

test('a listing names every entry, links it, and holds no script (path gateway, directory index)', async (t) => {
  const { node, url } = await startWebsite(t)
  const tree = await addTree(node, { 'd/ü x.txt': 'abc', 'd/.hidden': '' }, [
    { path: 'd/link', link: 'ü x.txt' },
  ])
  const root = tree.get('') ?? ''
  const path = `/ipfs/${root}/d/`
  const { status, headers, body } = await get(url, { path })
  const page = body.toString()
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  assert.match(String(headers['etag']), new RegExp(`^"DirIndex-.+_CID-${tree.get('d') ?? ''}"$`))
  assert.equal(headers['cache-control'], 'public, max-age=604800, stale-while-revalidate=2678400')
  assert.ok(page.includes(`<a href="/ipfs/${root}/d/%C3%BC%20x.txt">ü x.txt</a>`))
  assert.ok(page.includes(`href="/ipfs/${tree.get('d/ü x.txt') ?? ''}?filename=%C3%BC%20x.txt"`))
  assert.ok(
    page.includes('>.hidden<') &&
      page.includes('>link<') &&
      page.includes(`<a href="/ipfs/${root}/d/..">..</a>`),
  )
  assert.ok(page.includes('color-scheme: light dark'))
  assert.doesNotMatch(page, /<script|javascript:| on\w+=/i)
  assert.doesNotMatch((await get(url, { path: `/ipfs/${root}/` })).body.toString(), />\.\.</)
  const head = await get(url, { path, method: 'HEAD' })
  assert.deepEqual([head.status, head.headers['etag'], head.body.length], [200, headers['etag'], 0])
  const again = await get(url, { path, headers: { 'if-none-match': String(headers['etag']) } })
  assert.equal(again.status, 304)
})

test('names that are markup stay names', async (t) => {
  const { node, url } = await startWebsite(t)
  const file = CID.parse(await addBytes(node, Buffer.from('x')))
  const names = [
    '"><script>alert(1)</script>',
    "' onmouseover='x",
    '&lt;b&gt;',
    'javascript:alert(1)',
    '//example.com',
    '\u202etxt',
  ]
  const folder = await putFolder(
    node,
    names.map((name) => [name, file]),
  )
  const outer = await putFolder(node, [[names[0] ?? '', folder]])
  for (const path of [
    `${folder.toString()}/`,
    `${outer.toString()}/${encodeURIComponent(names[0] ?? '')}/`,
  ]) {
    const page = (await get(url, { path: `/ipfs/${path}` })).body.toString()
    assert.doesNotMatch(page, /<script/)
    for (const [, href = ''] of page.matchAll(/href="([^"]*)"/g)) assert.match(href, /^\/ipfs\/ba/)
    assert.equal(page.match(/<tr>/g)?.length, names.length + (path.includes('script') ? 2 : 1))
  }
  for (const name of names) {
    const path = `/ipfs/${folder.toString()}/${encodeURIComponent(name)}`
    assert.equal((await get(url, { path })).status, 200, name)
  }
})

test('a directory of many shards is listed whole, and its files are found', async (t) => {
  const { node, url } = await startWebsite(t)
  const nameOf = (index: number): string => `${index}-${'x'.repeat(220)}.txt`
  const files = Object.fromEntries(
    Array.from({ length: 1500 }, (_, index) => [nameOf(index), index === 321 ? '321' : 'x']),
  )
  const root = (await addTree(node, files)).get('') ?? ''
  const page = (await get(url, { path: `/ipfs/${root}/` })).body.toString()
  const listed = [...page.matchAll(/<td><a href="[^"]+">(\d+-x+\.txt)<\/a>/g)].map(([, name]) => name)
  assert.deepEqual(listed.sort(), Object.keys(files).sort())
  assert.equal((await get(url, { path: `/ipfs/${root}/${nameOf(321)}` })).body.toString(), '321')
  assert.equal((await get(url, { path: `/ipfs/${root}/${nameOf(9999)}` })).status, 404)
  const entry = readNode({ cid: CID.parse(root), bytes: await node.get(CID.parse(root)) })
  assert.equal(entry.type, 'shard')
})

test('a symlink is what it says, not what it leads to', async (t) => {
  const { node, url } = await startWebsite(t)
  const root = (await addTree(node, { a: 'x' }, [{ path: 'link', link: '/etc/passwd' }])).get('') ?? ''
  const { status, headers, body } = await get(url, { path: `/ipfs/${root}/link` })
  assert.deepEqual([status, headers['content-type'], body.toString()], [200, 'inode/symlink', '/etc/passwd'])
  assert.equal((await get(url, { path: `/ipfs/${root}/link/more` })).status, 404)
})
