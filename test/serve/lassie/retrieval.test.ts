// Content that the own store lacks: from the providers of the request or of the settings, checked on its way.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { CarReader } from '@ipld/car'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { addBytes, collectAll, madeBytes, startGateway, startNode } from '../../helpers/content.ts'
import { flipBit, readCar, sendChanged, startFalseGateway } from '../../helpers/gateways.ts'
import { ask, startLassie } from '../../helpers/lassie.ts'

const content = madeBytes(3_500_000)

/** A provider that has the file, and the file's CID. */
async function startProvider(t: TestContext): Promise<{
  node: Awaited<ReturnType<typeof startNode>>
  provider: string
  cid: string
}> {
  const node = await startNode(t)
  return { node, provider: await startGateway(t, node), cid: await addBytes(node, content) }
}

/** Answers every request as it is told to, and keeps the requests. */
async function startServer(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

test('what the store lacks comes from the configured gateways, and is not kept', async (t) => {
  const { node, provider, cid } = await startProvider(t)
  const store = await startNode(t)
  const url = await startLassie(t, { store, gateways: [provider] })
  const { status, body, headers, isCut } = await ask(url, `/ipfs/${cid}?format=car`)
  assert.deepEqual([status, isCut], [200, false])
  const { roots, blocks } = await readCar(body)
  assert.deepEqual(roots, [cid])
  const expected = await collectAll(walkDag(node, parseCid(cid)))
  assert.deepEqual(
    blocks.map(({ cid: one }) => one.toString()),
    expected.map(({ cid: one }) => one.toString()),
  )
  assert.equal(await store.blocks.has(parseCid(cid)), false)
  assert.match(
    String(headers['server-timing']),
    /^retrieval-127\.0\.0\.1_\d+;dur=[\d.]+;first-byte-received=\d+/,
  )
})

test('a provider of the request is asked alone, as URL or as multiaddr, and a file comes whole', async (t) => {
  const { provider, cid } = await startProvider(t)
  const never = await startFalseGateway(t, (response) => void response.writeHead(500).end())
  const url = await startLassie(t, { store: await startNode(t), gateways: [never.url] })
  const { port } = new URL(provider)
  const peer = '12D3KooWBSTEYMLSu5FnQjshEVah9LFGEZoQt26eacCEVYfedWA4'
  const forms = [
    provider,
    `/ip4/127.0.0.1/tcp/${port}/http`,
    `/ip4/127.0.0.1/tcp/${port}/http/p2p/${peer}`,
    `/ip4/127.0.0.1/tcp/${port}/http+bitswap+http`,
    `http://127.0.0.1:9,${provider}`,
  ]
  for (const given of forms) {
    const { status, body } = await ask(url, `/ipfs/${cid}?format=car&providers=${encodeURIComponent(given)}`)
    assert.equal(status, 200, given)
    const reader = await CarReader.fromBytes(body)
    assert.equal((await reader.getRoots()).join(), cid)
    assert.equal(reader._blocks.length, 5, given)
  }
  assert.deepEqual(never.asked, [])
})

test('the id of a request goes to its provider and comes back', async (t) => {
  const { provider, cid } = await startProvider(t)
  const relay = await startServer(t, (request, response) => {
    void fetch(`${provider}${request.url ?? ''}`, {
      headers: { accept: String(request.headers['accept']) },
    }).then(async (got) => response.writeHead(got.status).end(Buffer.from(await got.arrayBuffer())))
  })
  const url = await startLassie(t, { gateways: [relay.url] })
  const named = await ask(url, `/ipfs/${cid}?format=car`, { headers: { 'x-request-id': 'mine-1' } })
  assert.deepEqual([named.status, named.headers['x-trace-id']], [200, 'mine-1'])
  assert.equal(relay.requests[0]?.headers['x-request-id'], 'mine-1')
  const made = await ask(url, `/ipfs/${cid}?format=car`)
  assert.match(
    String(made.headers['x-trace-id']),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  assert.equal(relay.requests.at(-1)?.headers['x-request-id'], made.headers['x-trace-id'])
})

test('nobody to ask is 502, and whoever was asked and failed is 504 with the reason', async (t) => {
  const { cid } = await startProvider(t)
  const lacks = await startFalseGateway(t, (response) => void response.writeHead(404).end())
  const silent = await startFalseGateway(t, () => undefined)
  const url = await startLassie(t, { store: await startNode(t), silenceMs: 50 })
  const told = async (query: string): Promise<[number, string]> => {
    const { status, body } = await ask(url, `/ipfs/${cid}?format=car${query}`)
    return [status, body.toString()]
  }
  assert.deepEqual(await told(''), [502, 'no candidates found\n'])
  for (const [provider, reason] of [
    [lacks.url, /HTTP 404/],
    [silent.url, /50 ms/],
    ['http://127.0.0.1:9', /ECONNREFUSED|bad port/],
  ] as const) {
    const [status, text] = await told(`&providers=${provider}`)
    assert.equal(status, 504, text)
    assert.match(text, /^failed to fetch CID: [^\n]+\n$/)
    assert.match(text, reason)
  }
})

test('a provider that lies in the first block is 504; later it cuts the body after what was good', async (t) => {
  const { node, cid } = await startProvider(t)
  const url = await startLassie(t)
  for (const [position, status] of [
    [0, 504],
    [3, 200],
  ] as const) {
    const liar = await startFalseGateway(
      t,
      sendChanged(node, (blocks) => flipBit(blocks, position)),
    )
    const got = await ask(url, `/ipfs/${cid}?format=car&providers=${liar.url}`)
    assert.deepEqual([got.status, got.isCut], [status, status === 200])
    if (status === 504) assert.match(got.body.toString(), /^failed to fetch CID: /)
  }
})

test('a path that the blocks themselves prove wrong is 404', async (t) => {
  const { provider, cid } = await startProvider(t)
  const url = await startLassie(t, { gateways: [provider] })
  const { status, body } = await ask(url, `/ipfs/${cid}/none?format=car`)
  assert.equal(status, 404)
  assert.match(body.toString(), /^failed to fetch CID: no link named "none" under /)
})

test('providers outside of this machine are refused by name of the setting, unless it is set', async (t) => {
  const url = await startLassie(t, { silenceMs: 50 })
  for (const provider of [
    'http://192.0.2.1',
    '/ip4/192.0.2.1/tcp/80/http',
    'https://127.0.0.1.example.com',
    'http://[::2]',
  ]) {
    const { status, body } = await ask(url, `/ipfs/bafkqaaa?format=car&providers=${provider}`)
    assert.equal(status, 400, provider)
    assert.match(body.toString(), /is not on this machine, and wasmate\.content\.remoteProviders is not set/)
  }
  const free = await startLassie(t, { allowRemote: true, silenceMs: 50 })
  assert.equal((await ask(free, '/ipfs/bafkqaaa?format=car&providers=http://192.0.2.1')).status, 200)
})

test('what is spoken elsewhere and not here is refused by name', async (t) => {
  const url = await startLassie(t)
  const peer = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
  for (const [query, says] of [
    ['protocols=bitswap', /unsupported protocol: bitswap; only http is spoken here/],
    ['protocols=graphsync,bitswap', /unsupported protocol: graphsync,bitswap/],
    ['protocols=smtp', /unrecognized protocol: smtp/],
    [`providers=/ip4/127.0.0.1/udp/4001/quic-v1/p2p/${peer}`, /quic-v1/],
    [`providers=/ip4/127.0.0.1/tcp/4001/http%2Bbitswap`, /only http is spoken here, not bitswap/],
    ['providers=ftp://127.0.0.1', /ftp is not spoken here/],
    ['providers=f01234', /f01234/],
    ['providers=http://user:secret@127.0.0.1', /credentials/],
  ] as const) {
    const { status, body } = await ask(url, `/ipfs/bafkqaaa?format=car&${query}`)
    assert.equal(status, 400, query)
    assert.match(body.toString(), says)
  }
})
