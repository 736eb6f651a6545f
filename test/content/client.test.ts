import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContentClient } from '../../src/content/client.ts'
import { parseCid } from '../../src/content/dag/codecs.ts'
import { retrieveFile } from '../../src/content/retrieval/retrieve.ts'
import { addBytes, madeBytes, startGateway, startNode, startRpc } from '../helpers/content.ts'
import { startFalseGateway } from '../helpers/gateways.ts'

for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015', 'kubo-v1'] as const) {
  test(`a file pinned over the RPC has the CID of its profile (${profile})`, async (t) => {
    const node = await startNode(t)
    const client = new ContentClient({ kuboUrl: (await startRpc(t, node)).url })
    const bytes = madeBytes(2_500_000)
    const pin = await client.pinFile(bytes, { profile, name: 'hello' })
    assert.deepEqual(pin, {
      cid: await addBytes(await startNode(t), bytes, profile),
      size: bytes.length,
      profile,
    })
    assert.equal(node.pins.get(parseCid(pin.cid))?.name, 'hello')
    assert.equal(await client.isPinned(pin.cid), true)
  })
}

test('a folder is pinned as one directory that can be fetched', async (t) => {
  const node = await startNode(t)
  const client = new ContentClient({ kuboUrl: (await startRpc(t, node)).url })
  const files = [
    { path: 'main.wasm', bytes: Buffer.from('code') },
    { path: 'src/ünï code.ts', bytes: Buffer.from('source') },
    { path: 'src/100% a+b.ts', bytes: Buffer.alloc(0) },
  ]
  const { cid } = await client.pinFolder(files, { profile: 'unixfs-v1-2025', name: 'folder' })
  assert.equal(await client.isPinned(cid), true)
  assert.deepEqual(
    node.pins.all().map((pin) => pin.cid.toString()),
    [cid],
  )
  const gateways = [await startGateway(t, node)]
  assert.equal(Buffer.from(await retrieveFile(cid, { gateways, maxBytes: 100 })).toString(), 'code')
  const listing = await (
    await fetch(`${gateways[0]}/ipfs/${cid}/src/100%25%20a%2Bb.ts?format=raw`)
  ).arrayBuffer()
  assert.equal(listing.byteLength, 0)
})

test('what is not pinned is not, and the node tells its version', async (t) => {
  const { url } = await startRpc(t, await startNode(t))
  const client = new ContentClient({ kuboUrl: `${url}/` })
  assert.equal(await client.isPinned('bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'), false)
  assert.equal(await client.version(), '1.2.3')
})

test('a Kubo that is away is named with its URL', async () => {
  const client = new ContentClient({ kuboUrl: 'http://127.0.0.1:1' })
  const expected = { code: 'KUBO_UNREACHABLE', message: /http:\/\/127\.0\.0\.1:1 / }
  await assert.rejects(client.version(), expected)
  await assert.rejects(client.pinFile(new Uint8Array(1), { profile: 'kubo-v1', name: '' }), expected)
  await assert.rejects(client.pinFolder([], { profile: 'kubo-v1', name: '' }), { code: 'KUBO_UNREACHABLE' })
  await assert.rejects(client.isPinned('bafkqaaa'), expected)
})

test('an error that Kubo answers is told with its words', async (t) => {
  const refusing = await startFalseGateway(t, (response) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ Message: 'disk is full', Code: 0, Type: 'error' }))
  })
  const client = new ContentClient({ kuboUrl: refusing.url })
  await assert.rejects(client.pinFile(new Uint8Array(1), { profile: 'kubo-v1', name: '' }), {
    code: 'KUBO_REFUSED',
    message: /disk is full/,
  })
})

test('a pin that is cancelled says so', async (t) => {
  const silent = await startFalseGateway(t, () => undefined)
  const client = new ContentClient({ kuboUrl: silent.url })
  const controller = new AbortController()
  const pinning = client.pinFile(
    new Uint8Array(1),
    { profile: 'kubo-v1', name: '' },
    { signal: controller.signal },
  )
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(pinning, { code: 'CANCELLED' })
})

test('a question that is asked after its signal was aborted is cancelled, and its failure heard', async (t) => {
  const client = new ContentClient({ kuboUrl: (await startRpc(t, await startNode(t))).url })
  const unheard: unknown[] = []
  const hear = (error: unknown): void => void unheard.push(error)
  process.on('unhandledRejection', hear)
  try {
    const signal = AbortSignal.abort()
    await assert.rejects(client.pinsNamed('hello', signal), { code: 'CANCELLED' })
    await assert.rejects(client.isPinned('bafkqaaa', signal), { code: 'CANCELLED' })
    // A rejection without a listener is told once the microtasks and what they began are through.
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(unheard, [])
  } finally {
    process.removeListener('unhandledRejection', hear)
  }
})
