import assert from 'node:assert/strict'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { uploadCar } from '../../../src/content/car/upload.ts'
import { goCarV2, kuboCar, kuboRoot } from '../../helpers/cars.ts'
import { startNode, startRpc } from '../../helpers/content.ts'

async function* inPieces(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

/** A node that takes any body and answers as it is told. */
async function startOdd(t: TestContext, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => answer(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the node says what it took and pinned', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  for (const car of [kuboCar, goCarV2]) {
    assert.deepEqual(await uploadCar(inPieces(car), { kuboUrl: url, pin: true }), {
      roots: [{ cid: kuboRoot, failure: '' }],
      blockCount: 5,
      blockBytes: 218,
    })
  }
})

test('what the node refuses comes with its reason', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const cut = inPieces(kuboCar.subarray(0, 400))
  await assert.rejects(uploadCar(cut, { kuboUrl: url, pin: true }), {
    code: 'KUBO_REFUSED',
    message: /at byte 400/,
  })
})

test('more than the node takes is refused and does not hang', async (t) => {
  const { url } = await startRpc(t, await startNode(t), 100_000)
  const endless = (async function* (): AsyncGenerator<Uint8Array> {
    yield kuboCar
    for (;;) yield Buffer.alloc(65_536, 1)
  })()
  await assert.rejects(uploadCar(endless, { kuboUrl: url, pin: true }), {
    code: /KUBO_REFUSED|KUBO_UNREACHABLE/,
  })
})

test('an answer that breaks off, or is no answer of a node, is not taken for a success', async (t) => {
  const half = await startOdd(t, (response) => {
    response.end(`{"Root":{"Cid":{"/":"${kuboRoot}"},"PinErrorMsg":""}}\n`)
  })
  await assert.rejects(uploadCar(inPieces(kuboCar), { kuboUrl: half, pin: true }), {
    code: 'KUBO_REFUSED',
    message: /broke its answer off/,
  })
  const page = await startOdd(t, (response) => response.end('<html>'))
  await assert.rejects(uploadCar(inPieces(kuboCar), { kuboUrl: page, pin: true }), {
    code: 'KUBO_REFUSED',
    message: /not JSON/,
  })
  const proxy = await startOdd(t, (response) => response.writeHead(502).end('bad gateway'))
  await assert.rejects(uploadCar(inPieces(kuboCar), { kuboUrl: proxy, pin: true }), {
    code: 'KUBO_REFUSED',
    message: /bad gateway/,
  })
  await assert.rejects(uploadCar(inPieces(kuboCar), { kuboUrl: 'http://127.0.0.1:1', pin: true }), {
    code: 'KUBO_UNREACHABLE',
  })
})

test('a cancelled upload ends', async (t) => {
  const url = await startOdd(t, () => undefined)
  const stopper = new AbortController()
  const slow = (async function* (): AsyncGenerator<Uint8Array> {
    yield kuboCar
    stopper.abort()
    yield kuboCar
  })()
  const uploading = uploadCar(slow, { kuboUrl: url, pin: true, signal: stopper.signal })
  await assert.rejects(uploading, { code: 'CANCELLED' })
})
