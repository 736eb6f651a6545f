import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { addBytes, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { readCar } from '../../helpers/gateways.ts'

const raw = 'application/vnd.ipld.raw'
const car = 'application/vnd.ipld.car'

async function setUp(
  t: Parameters<typeof startNode>[0],
): Promise<{ url: string; cid: string; content: Buffer }> {
  const node = await startNode(t)
  const content = madeBytes(1000)
  const cid = await addBytes(node, content)
  return { url: `${await startGateway(t, node)}/ipfs/${cid}`, cid, content }
}

/** fetch always sends Accept; this does not. */
function statusWithout(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

test('format in the URL or Accept chooses block or CAR, and the URL goes before Accept', async (t) => {
  const { url } = await setUp(t)
  const type = async (query: string, accept = '*/*'): Promise<string | null> =>
    (await fetch(`${url}${query}`, { headers: { accept } })).headers.get('content-type')
  assert.equal(await type('?format=raw'), raw)
  assert.equal(await type('', raw), raw)
  assert.equal(await type('?format=car'), `${car}; version=1; order=dfs; dups=n`)
  assert.equal(await type('', `${car}; order=dfs; dups=y`), `${car}; version=1; order=dfs; dups=y`)
  assert.equal(
    await type('', `text/html, ${raw};q=0.5, ${car};q=0.9`),
    `${car}; version=1; order=dfs; dups=n`,
  )
  assert.equal(await type('', `${car};order=strange, ${raw};q=0.1`), raw)
  assert.equal(await type('?format=raw', car), raw)
  assert.equal(await type('?format=car&car-dups=n', `${car}; dups=y`), `${car}; version=1; order=dfs; dups=n`)
})

test('what is neither block nor CAR is 406, and no wish at all is 400', async (t) => {
  const { url } = await setUp(t)
  for (const accept of ['*/*', 'text/html', `${car}; version=2`, `${raw};q=0`]) {
    const response = await fetch(url, { headers: { accept } })
    assert.equal(response.status, 406, accept)
    assert.equal(((await response.json()) as { code: string }).code, 'FORMAT_UNSUPPORTED')
  }
  assert.equal((await fetch(`${url}?format=tar`)).status, 406)
  assert.equal(await statusWithout(url), 400)
})

test('parameters that mean nothing are 400 and named', async (t) => {
  const { url } = await setUp(t)
  for (const query of ['car-version=2', 'car-order=bfs', 'car-dups=x', 'dag-scope=some', 'entity-bytes=1']) {
    const response = await fetch(`${url}?format=car&${query}`)
    assert.equal(response.status, 400, query)
    assert.ok(((await response.json()) as { detail: string }).detail.includes(query))
  }
})

test('Content-Location names the representation when the URL does not', async (t) => {
  const { url, cid } = await setUp(t)
  const location = async (query: string, accept: string): Promise<string | null> =>
    (await fetch(`${url}${query}`, { headers: { accept } })).headers.get('content-location')
  assert.equal(await location('', raw), `/ipfs/${cid}?format=raw`)
  assert.equal(
    await location('?dag-scope=block', `${car}; dups=y`),
    `/ipfs/${cid}?dag-scope=block&format=car&car-version=1&car-order=dfs&car-dups=y`,
  )
  assert.equal(await location('?format=raw', raw), null)
  assert.match((await location('?format=car&car-dups=n', `${car}; dups=y`)) ?? '', /car-dups=n/)
})

test('headers: never shown by a browser, kept for ever, named by path and roots', async (t) => {
  const { url, cid } = await setUp(t)
  const { headers } = await fetch(`${url}?format=raw`)
  assert.equal(headers.get('content-disposition'), `attachment; filename="${cid}.bin"`)
  assert.equal(headers.get('cache-control'), 'public, max-age=29030400, immutable')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.equal(headers.get('x-ipfs-path'), `/ipfs/${cid}`)
  assert.equal(headers.get('x-ipfs-roots'), cid)
  assert.equal(headers.get('etag'), `"${cid}.raw"`)
  assert.equal(headers.get('content-length'), '1000')
  const named = await fetch(`${url}?format=car&filename=${encodeURIComponent('a "ü".car')}`)
  assert.equal(
    named.headers.get('content-disposition'),
    `attachment; filename="a ____.car"; filename*=UTF-8''a%20%22%C3%BC%22.car`.replace('____', '___'),
  )
})

test('Etag differs with every parameter, and If-None-Match answers 304 without a body', async (t) => {
  const { url } = await setUp(t)
  const queries = [
    'raw',
    'car',
    'car&car-dups=y',
    'car&car-order=unk',
    'car&dag-scope=block',
    'car&entity-bytes=0:5',
  ]
  const tags = await Promise.all(
    queries.map(async (query) => (await fetch(`${url}?format=${query}`)).headers.get('etag') ?? ''),
  )
  assert.equal(new Set(tags).size, queries.length)
  for (const [index, query] of queries.entries()) {
    const tag = tags[index] ?? ''
    for (const candidate of [tag, `"other", ${tag}`, '*', tag.replace(/^W\//, '')]) {
      const response = await fetch(`${url}?format=${query}`, { headers: { 'if-none-match': candidate } })
      assert.equal(response.status, 304, `${query} ${candidate}`)
      assert.equal((await response.arrayBuffer()).byteLength, 0)
    }
    const other = await fetch(`${url}?format=${query}`, { headers: { 'if-none-match': '"other"' } })
    assert.equal(other.status, 200)
  }
})

test('HEAD answers as GET does, without a body', async (t) => {
  const { url } = await setUp(t)
  for (const format of ['raw', 'car']) {
    const [got, head] = await Promise.all([
      fetch(`${url}?format=${format}`),
      fetch(`${url}?format=${format}`, { method: 'HEAD' }),
    ])
    assert.equal(head.status, 200)
    assert.equal((await head.arrayBuffer()).byteLength, 0)
    for (const name of ['content-type', 'etag', 'x-ipfs-roots', 'content-length']) {
      assert.equal(head.headers.get(name), got.headers.get(name), `${format} ${name}`)
    }
    await got.arrayBuffer()
  }
})

test('the probe bafkqaaa is an empty block and an empty CAR', async (t) => {
  const probe = `${await startGateway(t, await startNode(t))}/ipfs/bafkqaaa`
  const block = await fetch(`${probe}?format=raw`)
  assert.equal(block.status, 200)
  assert.equal((await block.arrayBuffer()).byteLength, 0)
  const got = await readCar(new Uint8Array(await (await fetch(`${probe}?format=car`)).arrayBuffer()))
  assert.deepEqual(got, { roots: ['bafkqaaa'], blocks: [] })
  assert.equal((await fetch(`${probe}?format=raw`, { method: 'HEAD' })).status, 200)
})

test('what is not here is 404 before any body, and 412 when only what is cached is wanted', async (t) => {
  const url = await startGateway(t, await startNode(t))
  const absent = `${url}/ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku`
  for (const format of ['raw', 'car']) {
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await fetch(`${absent}?format=${format}`, { method })).status, 404)
    }
    const cached = await fetch(`${absent}?format=${format}`, {
      headers: { 'cache-control': 'only-if-cached' },
    })
    assert.deepEqual([cached.status, await cached.text()], [412, ''])
  }
})
