// Clients that take nothing, go away or ask too much, and pages that have no business here.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { WasmateError } from '../../../src/base/errors.ts'
import { type BlockReader, parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import {
  addBytes,
  collectAll,
  collectBytes,
  madeBytes,
  startGateway,
  startNode,
} from '../../helpers/content.ts'
import { ask, startLassie } from '../../helpers/lassie.ts'
import { until } from '../../helpers/until.ts'

/** Sends a request and takes nothing of the answer. */
async function sendIdle(t: TestContext, url: string, path: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.pause()
  await once(socket, 'connect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
  return socket
}

/** Says when its requests arrive and when their client has left; answers none of them. */
async function startSilent(t: TestContext): Promise<{ url: string; open: () => number; seen: () => number }> {
  const counted = { open: 0, seen: 0 }
  const server = createServer((request) => {
    counted.open += 1
    counted.seen += 1
    request.socket.once('close', () => (counted.open -= 1))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, open: () => counted.open, seen: () => counted.seen }
}

test('a client that takes nothing is read for no further than it takes, and is cut off', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(40_000_000))
  let reads = 0
  const store: BlockReader = { get: (wanted) => ((reads += 1), node.get(wanted)) }
  const url = await startLassie(t, { store, stallMs: 300, maxParallel: 1 })
  await sendIdle(t, url, `/ipfs/${cid}?format=car`)
  await until(() => Promise.resolve(reads > 1))
  assert.equal((await ask(url, '/ipfs/bafkqaaa')).status, 503)
  // When it is cut off its place is free.
  await until(async () => (await ask(url, '/ipfs/bafkqaaa')).status === 200)
  assert.ok(reads < 30, `${reads} of 39 blocks were read`)
})

test('a client that goes away ends what was asked for it', async (t) => {
  const silent = await startSilent(t)
  const url = await startLassie(t, { maxParallel: 1 })
  const cid = await addBytes(await startNode(t), madeBytes(100))
  const socket = await sendIdle(t, url, `/ipfs/${cid}?format=car&providers=${silent.url}`)
  await until(() => Promise.resolve(silent.open() > 0))
  socket.destroy()
  await until(() => Promise.resolve(silent.open() === 0))
  // Its place is free again.
  await until(async () => (await ask(url, '/ipfs/bafkqaaa?format=car')).status === 200)
})

test('one retrieval more than there may be at one time is 503, and those that run go on', async (t) => {
  const silent = await startSilent(t)
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(100))
  const url = await startLassie(t, { maxParallel: 3 })
  const held = await Promise.all(
    [1, 2, 3].map(() => sendIdle(t, url, `/ipfs/${cid}?format=car&providers=${silent.url}`)),
  )
  await until(() => Promise.resolve(silent.seen() >= 3))
  const { status, headers, body } = await ask(url, '/ipfs/bafkqaaa?format=car')
  assert.deepEqual([status, headers['retry-after']], [503, '1'])
  assert.equal(body.toString(), 'at most 3 retrievals at one time\n')
  held[0]?.destroy()
  await until(async () => (await ask(url, '/ipfs/bafkqaaa?format=car')).status === 200)
})

test('many at one time all get the same bytes', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(3_000_000))
  const provider = await startGateway(t, node)
  const url = await startLassie(t, { gateways: [provider] })
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(url, `/ipfs/${cid}`)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  for (const { body } of answers) assert.deepEqual(body, answers[0]?.body)
})

test('too many providers, a header as long as they may be and odd bytes in a name are answered, not obeyed', async (t) => {
  const url = await startLassie(t)
  const many = Array.from({ length: 33 }, (_, index) => `http://127.0.0.1:${index + 1}`).join(',')
  const refused = await ask(url, `/ipfs/bafkqaaa?format=car&providers=${many}`)
  assert.equal(refused.status, 400)
  assert.match(refused.body.toString(), /there are 33, at most 32 are asked/)
  const id = `é "${'x'.repeat(8_000)}`
  const echoed = await ask(url, '/ipfs/bafkqaaa', { headers: { 'x-request-id': id } })
  assert.deepEqual([echoed.status, echoed.headers['x-trace-id']], [200, id])
  const name = encodeURIComponent('a\r\nX-Evil: 1"; ü\u2028.car')
  const named = await ask(url, `/ipfs/bafkqaaa?filename=${name}`)
  assert.deepEqual([named.status, named.headers['x-evil']], [200, undefined])
})

test('other hosts and pages from elsewhere are refused, whatever they ask', async (t) => {
  const url = await startLassie(t)
  for (const headers of [
    { host: 'rebound.example' },
    { origin: 'https://example.com' },
    { origin: 'null' },
  ]) {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      assert.equal((await ask(url, '/ipfs/bafkqaaa', { method, headers })).status, 403)
    }
  }
  const { status } = await ask(url, '/ipfs/bafkqaaa', { headers: { origin: 'http://localhost:3000' } })
  assert.equal(status, 200)
})

test('a client of HTTP/1.0, for which an end is an end, sees a broken answer as a reset', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, madeBytes(3_000_000))
  const last = (await collectAll(walkDag(node, parseCid(cid)))).at(-1)
  if (last) await node.blocks.delete(last.cid)
  const url = await startLassie(t, { store: node })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`GET /ipfs/${cid} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n`)
  await assert.rejects(collectBytes(socket), { code: 'ECONNRESET' })
})

test('a store that fails is 500 and is not told as content that nobody has', async (t) => {
  const store: BlockReader = {
    get: () => Promise.reject(new WasmateError('STATE_DAMAGED', 'block file')),
  }
  const url = await startLassie(t, { store })
  const cid = await addBytes(await startNode(t), madeBytes(100))
  const { status, body } = await ask(url, `/ipfs/${cid}`)
  assert.equal(status, 500)
  assert.match(body.toString(), /^failed to fetch CID: A state file is damaged/)
})
