import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CID } from 'multiformats/cid'
import { codecOf, makeBlock } from '../../../../src/content/dag/codecs.ts'
import { addBytes } from '../../../helpers/content.ts'
import { get, problemOf, putBlock, startWebsite } from '../tree.ts'

test('a block of JSON or CBOR is sent as it is, under the type of its codec or the plain one', async (t) => {
  const { node, url } = await startWebsite(t)
  for (const kind of ['json', 'cbor']) {
    const cid = (await putBlock(node, `dag-${kind}`, { a: [1, 'two'] })).toString()
    const bytes = Buffer.from(await node.get(CID.parse(cid)))
    const own = `application/vnd.ipld.dag-${kind}`
    const plain = `application/${kind}`
    const disposition = `${kind === 'json' ? 'inline' : 'attachment'}; filename="${cid}.${kind}"`
    for (const [query, accept, type, suffix] of [
      ['', '*/*', own, `dag-${kind}`],
      [`?format=dag-${kind}`, '*/*', own, `dag-${kind}`],
      ['', own, own, `dag-${kind}`],
      [`?format=${kind}`, 'text/html', plain, kind],
      ['', plain, plain, kind],
    ] as const) {
      const answer = await get(url, { path: `/ipfs/${cid}${query}`, headers: { accept } })
      assert.equal(answer.status, 200)
      assert.ok(answer.body.equals(bytes))
      assert.equal(answer.headers['content-type'], type)
      assert.equal(answer.headers['content-disposition'], disposition)
      assert.equal(answer.headers['etag'], `"${cid}.${suffix}"`)
    }
    const range = await get(url, { path: `/ipfs/${cid}`, headers: { range: 'bytes=1-2' } })
    assert.deepEqual([range.status, range.body], [206, bytes.subarray(1, 3)])
  }
})

test('nothing is converted: another codec than that of the CID is 406 (IPIP-524)', async (t) => {
  const { node, url } = await startWebsite(t)
  const cbor = (await putBlock(node, 'dag-cbor', { a: 1 })).toString()
  const file = await addBytes(node, Buffer.from('{}'))
  for (const [cid, formats] of [
    [cbor, ['dag-json', 'json', 'tar']],
    [file, ['dag-json', 'dag-cbor', 'cbor']],
  ] as const) {
    for (const format of formats) {
      const answer = await get(url, { path: `/ipfs/${cid}?format=${format}` })
      assert.deepEqual([answer.status, problemOf(answer).code], [406, 'FORMAT_UNSUPPORTED'], format)
    }
  }
})

test('a path goes through links, is 404 where there is none, and 501 where it ends inside a block', async (t) => {
  const { node, url } = await startWebsite(t)
  const leaf = await putBlock(node, 'dag-json', { hello: 'leaf' })
  const root = (await putBlock(node, 'dag-cbor', { a: { link: leaf }, list: [leaf] })).toString()
  const ask = async (path: string): Promise<[number, string]> => {
    const { status, body } = await get(url, { path: `/ipfs/${root}/${path}` })
    return [status, status === 200 ? body.toString() : '']
  }
  assert.deepEqual(await ask('a/link'), [200, '{"hello":"leaf"}'])
  assert.deepEqual(await ask('list/0?format=dag-json'), [200, '{"hello":"leaf"}'])
  for (const query of ['', '?format=dag-cbor', '?format=raw'])
    assert.equal((await ask(`a${query}`))[0], 501, query)
  for (const path of ['a/none', 'none', 'list/1', '__proto__', 'constructor'])
    assert.equal((await ask(path))[0], 404, path)
})

test('a browser is shown the value as text: escaped, with its numbers as they are', async (t) => {
  const { node, url } = await startWebsite(t)
  const link = (await putBlock(node, 'dag-json', 1)).toString()
  const value = { big: 9007199254740993n, text: '</pre><script>x\\"', link: CID.parse(link), none: [] }
  const cid = (await putBlock(node, 'dag-cbor', value)).toString()
  const headers = { accept: 'text/html,*/*;q=0.8' }
  const redirect = await get(url, { path: `/ipfs/${cid}?x=1`, headers })
  assert.deepEqual([redirect.status, redirect.headers['location']], [301, `/ipfs/${cid}/?x=1`])
  const page = await get(url, { path: `/ipfs/${cid}/`, headers })
  const text = page.body.toString()
  assert.equal(page.status, 200)
  assert.match(String(page.headers['etag']), /^"DagIndex-/)
  assert.equal(page.headers['content-disposition'], undefined)
  assert.ok(text.includes('&quot;big&quot;: 9007199254740993,'))
  assert.ok(text.includes(link) && text.includes(`href="/ipfs/${cid}?format=dag-cbor"`))
  assert.doesNotMatch(text, /<script/)
  assert.equal((await get(url, { path: `/ipfs/${cid}/`, method: 'HEAD', headers })).status, 200)
})

test('a value that is nested deeper than can be read is refused, and the gateway goes on', async (t) => {
  const { node, url } = await startWebsite(t)
  const raw = makeBlock(Buffer.concat([Buffer.alloc(1_000_000, 0x81), Buffer.from([0x01])]), codecOf('raw'))
  const cid = CID.createV1(0x71, raw.cid.multihash)
  await node.putBlock({ cid, bytes: raw.bytes })
  const path = `/ipfs/${cid.toString()}`
  assert.equal((await get(url, { path: `${path}/`, headers: { accept: 'text/html' } })).status, 400)
  assert.equal((await get(url, { path: `${path}/0/0` })).status, 400)
  assert.equal((await get(url, { path: `${path}?format=car` })).status, 400)
  assert.equal((await get(url, { path: `${path}?format=raw` })).status, 200)
})

test('json, cbor and unknown codecs: plain bytes of their type, or 400', async (t) => {
  const { node, url } = await startWebsite(t)
  const { cid, bytes } = makeBlock(Buffer.from('{"a":1}'), codecOf('json'))
  await node.putBlock({ cid, bytes })
  const type = async (code: number): Promise<unknown> => {
    const named = CID.createV1(code, cid.multihash).toString()
    const answer = await get(url, { path: `/ipfs/${named}`, headers: { accept: 'text/html' } })
    return answer.status === 200 ? answer.headers['content-type'] : answer.status
  }
  assert.equal(await type(0x0200), 'application/json')
  assert.equal(await type(0x51), 'application/cbor')
  assert.equal(await type(0x78), 400)
})
