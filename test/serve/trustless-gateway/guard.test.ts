import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addTree, get, startWebsite } from './tree.ts'

const html = '<!doctype html><script>document.title = document.cookie</script>'

test('pages of this machine may read, pages from elsewhere, opaque ones and other hosts may not', async (t) => {
  const { node, url } = await startWebsite(t)
  const root = (await addTree(node, { 'a.html': html })).get('') ?? ''
  for (const path of [`/ipfs/${root}/a.html`, `/ipfs/${root}?format=car`]) {
    const own = await get(url, { path, headers: { origin: 'http://localhost:3000' } })
    assert.deepEqual([own.status, own.headers['access-control-allow-origin']], [200, '*'])
    for (const origin of ['https://example.com', 'null', 'http://127.0.0.1.example.com', 'file://']) {
      assert.equal((await get(url, { path, headers: { origin } })).status, 403, origin)
    }
    // DNS rebinding: the name of a stranger that resolves to this machine.
    assert.equal((await get(url, { path, headers: { host: 'rebound.example.com:80' } })).status, 403)
  }
})

test('content is sandboxed: no origin of its own, nobody to talk to but the gateway, no cookies', async (t) => {
  const { node, url } = await startWebsite(t)
  const files = {
    'a.html': html,
    'b.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'c.bin': 'x',
    'd/index.html': html,
  }
  const root = (await addTree(node, files)).get('') ?? ''
  for (const path of ['a.html', 'b.svg', 'c.bin', 'c.bin?filename=a.html', 'd/', 'a.html?format=tar']) {
    const { status, headers } = await get(url, { path: `/ipfs/${root}/${path}` })
    assert.equal(status, 200, path)
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /(^|; )sandbox(?! [^;]*allow-same-origin)/, path)
    assert.match(policy, /default-src 'self'/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['set-cookie'], undefined)
  }
})

test('a page from elsewhere can not embed what is here to learn whether it is (Fetch Metadata)', async (t) => {
  const { node, url } = await startWebsite(t)
  const path = `/ipfs/${(await addTree(node, { 'a.html': html })).get('') ?? ''}/a.html`
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await get(url, { path, headers })).status
  const foreign = { 'sec-fetch-site': 'cross-site', referer: 'https://example.com/' }
  assert.equal(await ask({ ...foreign, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }), 403)
  assert.equal(await ask({ ...foreign, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }), 403)
  assert.equal(await ask({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }), 403)
  // A link is followed, pages of this machine are at home, and a sandboxed page of the gateway itself has its images.
  assert.equal(await ask({ ...foreign, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }), 200)
  for (const referer of [`${url}/ipfs/x/`, 'http://localhost:3000/']) {
    assert.equal(await ask({ ...foreign, 'sec-fetch-mode': 'no-cors', referer }), 200)
  }
})

test('no service worker comes from here (path gateway, Service-Worker)', async (t) => {
  const { node, url } = await startWebsite(t)
  const root = (await addTree(node, { 'sw.js': 'self' })).get('') ?? ''
  for (const path of [`/ipfs/${root}`, `/ipfs/${root}/sw.js`]) {
    assert.equal((await get(url, { path, headers: { 'service-worker': 'script' } })).status, 400)
  }
})
