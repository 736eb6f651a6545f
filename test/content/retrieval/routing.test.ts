// Delegated routers: asked last, believed in nothing, and not able to send requests where they like.

import assert from 'node:assert/strict'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Connections } from '../../../src/content/retrieval/http.ts'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { type RetrieveOptions, retrieveFile } from '../../../src/content/retrieval/retrieve.ts'
import { type Routed, findProviders } from '../../../src/content/retrieval/routing.ts'
import { Watch } from '../../../src/content/retrieval/watch.ts'
import { addBytes, madeBytes, startGateway, startNode } from '../../helpers/content.ts'

const content = madeBytes(100_000)
const anyCid = 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'
const http = 'transport-ipfs-gateway-http'

interface Router {
  url: string
  asked: IncomingMessage[]
}

async function startRouter(t: TestContext, answer: (response: ServerResponse) => void): Promise<Router> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

function sendJson(records: unknown[] | null): (response: ServerResponse) => void {
  return (response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ Providers: records }))
  }
}

function peer(addresses: string[] | null, protocols: string[] | null = [http]): unknown {
  return { Schema: 'peer', ID: 'x', Addrs: addresses, Protocols: protocols, more: { unknown: true } }
}

function toMultiaddr(url: string): string {
  return `/ip4/127.0.0.1/tcp/${new URL(url).port}/http`
}

function get(cid: string, options: Partial<RetrieveOptions>): Promise<Uint8Array> {
  return retrieveFile(cid, { gateways: [], maxBytes: content.length, ...options })
}

async function find(t: TestContext, router: string): Promise<Routed> {
  const connections = new Connections(undefined)
  t.after(() => connections.close())
  return findProviders(router, parseCid(anyCid), connections, new Watch(2_000, []))
}

test('a router is asked when no gateway has it, and what it names is asked then', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, content)
  const gateway = await startGateway(t, node)
  const empty = await startGateway(t, await startNode(t))
  const router = await startRouter(t, sendJson([peer([toMultiaddr(gateway)])]))
  assert.ok(content.equals(await get(cid, { gateways: [gateway], routers: [router.url] })))
  assert.equal(router.asked.length, 0)
  assert.ok(content.equals(await get(cid, { gateways: [empty], routers: [router.url] })))
  assert.equal(router.asked.length, 1)
  const [{ url = '', headers } = { headers: {} }] = router.asked
  assert.equal(url, `/routing/v1/providers/${cid}?filter-protocols=${http}`)
  assert.match(headers.accept ?? '', /application\/x-ndjson/)
})

test('a stream of records is read as it comes, and what came before it broke off counts', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, content, 'unixfs-v0-2015')
  const address = toMultiaddr(await startGateway(t, node))
  const router = await startRouter(t, (response) => {
    response.setHeader('content-type', 'application/x-ndjson')
    const text = `${JSON.stringify(peer(['/ip4/192.0.2.1/udp/1/quic-v1']))}\n\n${JSON.stringify(peer([address]))}\n`
    response.write(text.slice(0, 50), () => response.write(text.slice(50), () => response.destroy()))
  })
  assert.ok(content.equals(await get(cid, { routers: [router.url] })))
  // Section "Common Data Types": a CIDv0 is asked for as CIDv1.
  assert.ok(router.asked[0]?.url?.includes(parseCid(cid).toV1().toString()))
})

test('providers that speak no HTTP are counted and named', async (t) => {
  const router = await startRouter(
    t,
    sendJson([
      peer(['/ip4/192.0.2.1/tcp/4001'], ['transport-bitswap']),
      peer(['/ip4/192.0.2.2/tcp/4001'], ['transport-bitswap']),
      { Schema: 'bitswap', Protocol: 'transport-bitswap', ID: 'x' },
      peer(null, null),
      peer(['/dns4/example.org/tcp/443/https'], null),
      'nonsense',
      peer(['/dns4/example.org/tcp/443/https']),
      peer(['/dns4/example.net/tcp/443/https'], ['__proto__']),
    ]),
  )
  const { providers, others } = await find(t, router.url)
  assert.deepEqual(providers, ['https://example.org'])
  assert.deepEqual(Object.entries(others), [
    ['transport-bitswap', 3],
    ['no HTTP address', 1],
    ['not a record', 1],
    ['__proto__', 1],
  ])
})

test('addresses inside of a network are refused, whoever names them', async (t) => {
  const inner = [
    '/ip4/10.0.0.1/tcp/80/http',
    '/ip4/169.254.169.254/tcp/80/http',
    '/ip6/::ffff:10.0.0.1/tcp/80/http',
    '/ip4/192.168.1.1/tcp/80/http/http-path/admin',
  ]
  const router = await startRouter(t, sendJson(inner.map((address) => peer([address]))))
  const { providers, others } = await find(t, router.url)
  assert.deepEqual(providers, [])
  assert.deepEqual(others, { 'not a public address': 4 })
})

test('a name that leads to this machine is not followed there', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, content)
  const { port } = new URL(await startGateway(t, node))
  // Only a lookup tells where this leads.
  const router = await startRouter(t, sendJson([peer([`/dns4/${await selfName()}/tcp/${port}/http`])]))
  await assert.rejects(get(cid, { routers: [router.url] }), {
    code: 'GATEWAYS_FAILED',
    message: /which is not public|ENOTFOUND|EAI_AGAIN/,
  })
})

async function selfName(): Promise<string> {
  const { hostname } = await import('node:os')
  return hostname()
}

const answers: { name: string; answer: (response: ServerResponse) => void; told: RegExp }[] = [
  { name: 'knows nobody', answer: (response) => void response.writeHead(404).end(), told: /names 0 HTTP/ },
  { name: 'has no list', answer: sendJson(null), told: /names 0 HTTP providers/ },
  { name: 'fails', answer: (response) => void response.writeHead(500).end(), told: /as a router: HTTP 500/ },
  { name: 'sends a page', answer: (response) => void response.end('<html>'), told: /is not JSON/ },
  { name: 'sends something else', answer: (response) => void response.end('[]'), told: /without Providers/ },
  {
    name: 'sends more than anybody reads',
    answer: (response) => void response.end(`{"Providers":[${'1,'.repeat(600_000)}1]}`),
    told: /more than 1048576 bytes/,
  },
  { name: 'never answers', answer: () => undefined, told: /as a router: nothing good came for 1000 ms/ },
]

for (const { name, answer, told } of answers) {
  test(`a router that ${name} is told of in the error`, async (t) => {
    const router = await startRouter(t, answer)
    await assert.rejects(get(anyCid, { routers: [router.url], silenceMs: 1_000 }), (error: Error) => {
      assert.match(error.message, told)
      assert.match(error.message, new RegExp(router.url))
      return true
    })
    assert.equal(router.asked.length, 1)
  })
}
