import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { codecOf, makeBlock } from '../../../src/content/dag/codecs.ts'
import { addBytes, startGateway, startNode } from '../../helpers/content.ts'
import { addTree, get, problemOf, putFolder, startWebsite } from './tree.ts'

const known = makeBlock(Buffer.from('hello'), codecOf('raw')).cid

test('a CID in any base is taken, and one in any wrong form is 400 (path gateway, 400 Bad Request)', async (t) => {
  const { node, url } = await startWebsite(t)
  const cid = CID.parse(await addBytes(node, Buffer.from('hello'), 'kubo-v1'))
  const forms = [
    cid.toString(),
    cid.toString().toUpperCase(),
    cid.toString(base58btc),
    cid.toString(base64url),
  ]
  for (const form of forms) {
    const { status, body } = await get(url, { path: `/ipfs/${form}?format=raw` })
    assert.deepEqual([status, body.toString()], [200, 'hello'], form)
  }
  const text = cid.toString()
  const wrong = [
    ...[
      '',
      'nonsense',
      'Qm',
      `Qm${'a'.repeat(43)}`,
      text.slice(1),
      text.slice(0, -1),
      `${text}a`,
      ` ${text}`,
    ],
    ...[
      `${text}\u200b`,
      `${text.slice(0, 9)}!`,
      'b',
      'z',
      'bafyaaa',
      `/${'a'.repeat(5000)}`,
      '.',
      '%00',
      '__proto__',
    ],
  ]
  for (const form of wrong) {
    for (const format of ['raw', 'car', 'tar']) {
      const answer = await get(url, { path: `/ipfs/${encodeURIComponent(form)}?format=${format}` })
      assert.equal(answer.status, 400, `${form} ${format}`)
      assert.ok(['CID_INVALID', 'INPUT_INVALID'].includes(problemOf(answer).code))
    }
  }
  for (const path of ['/ipfs/', '/ipfs/%zz', '/ipfs/../etc/passwd', `/ipfs/${text}/%ff?format=car`]) {
    assert.equal((await get(url, { path })).status, 400, path)
  }
})

test('a root of a hash or codec that nobody knows is 404 as long as it is not here', async (t) => {
  const { url } = await startWebsite(t)
  const blake = 'bafk2bzacea73ycjnxe2qov7cvnhx52lzfp6nf5jcblnfus6gqreh6ygganbws'
  const odd = CID.createV1(0x300001, known.multihash).toString()
  for (const cid of [blake, odd]) {
    for (const format of ['raw', 'car']) {
      assert.equal((await get(url, { path: `/ipfs/${cid}?format=${format}` })).status, 404)
    }
  }
})

test('a name under /ipns is 501 and says why; a record of what is under /ipfs is 400', async (t) => {
  const { url } = await startWebsite(t)
  for (const path of [
    '/ipns/example.org',
    `/ipns/k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8/a`,
  ]) {
    for (const query of ['', '?format=car', '?format=ipns-record']) {
      const answer = await get(url, { path: `${path}${query}` })
      assert.deepEqual([answer.status, problemOf(answer).code], [501, 'IPNS_UNSUPPORTED'])
    }
  }
  assert.equal((await get(url, { path: `/ipfs/${known.toString()}?format=ipns-record` })).status, 400)
})

test('it is read only: every other method is 405 and names those that are allowed (RFC 9110 section 15.5.6)', async (t) => {
  const { url } = await startWebsite(t)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    for (const path of [`/ipfs/${known.toString()}`, '/ipns/name']) {
      const { status, headers } = await get(url, { path, method, headers: { 'content-length': '0' } })
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD, OPTIONS'])
    }
  }
  const options = await get(url, { path: `/ipfs/${known.toString()}`, method: 'OPTIONS' })
  assert.equal(options.status, 204)
  assert.equal(options.headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS')
})

test('with deserialized off, what needs it is 406 or 400 and names the setting', async (t) => {
  const node = await startNode(t)
  const root = (await addTree(node, { 'a.txt': 'text' })).get('') ?? ''
  const url = await startGateway(t, node)
  const ask = async (query: string, accept?: string): Promise<void> => {
    const answer = await get(url, { path: `/ipfs/${root}/${query}`, headers: accept ? { accept } : {} })
    assert.equal(answer.status, accept || query ? 406 : 400)
    assert.match(problemOf(answer).detail, /wasmate\.content\.deserialized/)
  }
  for (const format of ['tar', 'json', 'cbor', 'dag-json', 'dag-cbor']) await ask(`?format=${format}`)
  for (const accept of ['*/*', 'text/html', 'application/x-tar', 'application/json']) await ask('', accept)
  await ask('')
})

test('a path of many segments is followed as far as it goes', async (t) => {
  const { node, url } = await startWebsite(t)
  let cid = CID.parse(await addBytes(node, Buffer.from('deep')))
  const depth = 300
  for (let level = 0; level < depth; level++) cid = await putFolder(node, [['d', cid]])
  const root = `/ipfs/${cid.toString()}`
  const path = `${root}${'/d'.repeat(depth)}`
  const answer = await get(url, { path })
  assert.deepEqual([answer.status, answer.body.toString()], [200, 'deep'])
  // Longer than clients take headers: left out.
  assert.equal(answer.headers['x-ipfs-roots'], undefined)
  assert.equal((await get(url, { path: `${path}/d?format=car` })).status, 404)
  assert.equal((await get(url, { path: `${root}${'/x'.repeat(5000)}?format=car` })).status, 404)
  assert.equal((await get(url, { path: `${root}//d///d?format=raw` })).status, 200)
})

test('an encoded slash is part of a name, an encoded percent sign is one (RFC 3986 section 2.2)', async (t) => {
  const { node, url } = await startWebsite(t)
  const tree = await addTree(node, { 'a/b': 'folder', 'c%2Fd': 'percent' })
  const root = `/ipfs/${tree.get('') ?? ''}`
  const ask = async (path: string): Promise<string> => {
    const { status, body } = await get(url, { path: `${root}/${path}` })
    return status === 200 ? body.toString() : String(status)
  }
  assert.equal(await ask('a/b'), 'folder')
  assert.equal(await ask('a%2Fb'), '404')
  assert.equal(await ask('c%252Fd'), 'percent')
  assert.equal(await ask('c%2Fd'), '404')
})
