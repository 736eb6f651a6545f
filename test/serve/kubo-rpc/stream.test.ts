import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import {
  addDefaults,
  collectAll,
  collectBytes,
  madeBytes,
  startNode,
  startRpc,
} from '../../helpers/content.ts'
import { post } from './wire.ts'

const bytes = madeBytes(3_000_000)

/** A file of three hundred blocks, whose last one is gone where that is asked for. */
async function addMany(node: ContentNode, isBroken = false): Promise<string> {
  let root = ''
  for await (const { cid } of node.add([{ path: 'f', content: bytes }], {
    ...addDefaults,
    chunkBytes: 1000,
  })) {
    root = cid.toString()
  }
  if (isBroken) {
    const last = (await collectAll(walkDag(node, parseCid(root)))).at(-1)
    assert.ok(last)
    await node.blocks.delete(last.cid)
  }
  return root
}

interface Ended {
  isComplete: boolean
  trailer: string | undefined
  byteCount: number
}

function postAs(agent: string, url: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { 'user-agent': agent } }, (response) => {
      let byteCount = 0
      response.on('data', (chunk: Buffer) => (byteCount += chunk.length))
      response.on('error', () => undefined)
      response.on('close', () =>
        resolve({
          isComplete: response.complete,
          trailer: response.trailers['x-stream-error'],
          byteCount,
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('the ipfs command is told why an answer broke off, by the trailer that Kubo has for it', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addMany(node, true)
  for (const path of [
    `cat?arg=${root}`,
    `get?arg=${root}`,
    `get?arg=${root}&C=1`,
    `dag/export?arg=${root}`,
  ]) {
    const ended = await postAs('go-ipfs-cmds/http', `${url}/api/v0/${path}`)
    assert.equal(ended.isComplete, true, path)
    assert.match(
      ended.trailer ?? '',
      /^block was not found locally \(offline\): ipld: could not find bafkrei/,
    )
    assert.ok(ended.byteCount > 0)
  }
})

test('to anybody else an answer that broke off is none: kubo-rpc-client fails on it', async (t) => {
  const node = await startNode(t)
  const { url, client } = await startRpc(t, node)
  const root = CID.parse(await addMany(node, true))
  assert.equal((await postAs('curl/8', `${url}/api/v0/cat?arg=${root.toString()}`)).isComplete, false)
  await assert.rejects(collectBytes(client.cat(root)), /terminated/)
  await assert.rejects(collectBytes(client.get(root)), /terminated/)
  await assert.rejects(collectBytes(client.get(root, { compress: true })), /terminated/)
  await assert.rejects(collectBytes(client.dag.export(root)), /terminated/)
})

test('an answer that is whole has no such trailer, whoever asks', async (t) => {
  const node = await startNode(t)
  const { url } = await startRpc(t, node)
  const root = await addMany(node)
  const ended = await postAs('go-ipfs-cmds/http', `${url}/api/v0/cat?arg=${root}`)
  assert.deepEqual(ended, { isComplete: true, trailer: undefined, byteCount: bytes.length })
})

for (const path of ['get', 'cat', 'dag/export', 'refs', 'pin/add', 'pin/verify']) {
  test(`a client that goes away in the middle of ${path} ends the work for it, and nothing is pinned`, async (t) => {
    const node = await startNode(t)
    const { url } = await startRpc(t, node)
    const root = await addMany(node)
    if (path === 'pin/add') await node.pins.remove(parseCid(root))
    const pins = node.pins.all()
    const leaving = new AbortController()
    let reads = 0
    const read = node.get.bind(node)
    node.get = async (cid) => {
      if (++reads === 50) leaving.abort()
      // Slow from there on, so that it is seen whether anybody goes on.
      if (reads > 50) await setTimeout(20)
      return read(cid)
    }
    const query = `arg=${root}&recursive=true`
    await assert.rejects(
      fetch(`${url}/api/v0/${path}?${query}`, { method: 'POST', signal: leaving.signal }).then((response) =>
        response.text(),
      ),
      { name: 'AbortError' },
    )
    for (let before = -1; before !== reads; await setTimeout(500)) before = reads
    assert.ok(reads < 300, `${reads} blocks were read`)
    assert.deepEqual(node.pins.all(), pins)
    assert.equal((await post(url, 'version')).status, 200)
  })
}
