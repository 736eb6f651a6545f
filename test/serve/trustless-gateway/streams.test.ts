import assert from 'node:assert/strict'
import { type Socket, connect } from 'node:net'
import { test } from 'node:test'
import type { CID } from 'multiformats/cid'
import { silentLog } from '../../../src/base/log.ts'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { ContentNode } from '../../../src/content/node.ts'
import { addBytes, collectAll, madeBytes, startGateway } from '../../helpers/content.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { until } from '../../helpers/until.ts'
import { get, startWebsite } from './tree.ts'

const bodies = ['?format=car', '', '?format=tar']

test('a block that is missing in the middle cuts the body: no client takes it for whole', async (t) => {
  const { node, url } = await startWebsite(t)
  const root = await addBytes(node, madeBytes(3_500_000))
  const blocks = await collectAll(walkDag(node, parseCid(root)))
  await node.blocks.delete(blocks.at(-1)?.cid ?? parseCid(root))
  for (const query of bodies) {
    const path = `/ipfs/${root}${query}`
    const response = await fetch(`${url}${path}`)
    assert.equal(response.status, 200)
    await assert.rejects(response.arrayBuffer(), /terminated/, `fetch ${query}`)
    const { status, complete, body } = await get(url, { path })
    assert.deepEqual([status, complete], [200, false], `node:http ${query}`)
    assert.ok(body.length > 1_000_000 && body.length < 3_500_000)
  }
})

/** A real node that counts what is read of it. */
class CountedNode extends ContentNode {
  reads = 0

  override get(cid: CID): Promise<Uint8Array> {
    this.reads += 1
    return super.get(cid)
  }

  /** Until nothing was read for a while. */
  async rest(): Promise<number> {
    let last = -1
    let same = 0
    await until(async () => {
      same = this.reads === last ? same + 1 : 0
      last = this.reads
      return same > 100
    })
    return this.reads
  }
}

/** Sends the request and reads nothing of the answer. */
function askAndStare(url: string, path: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.pause()
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`, () => resolve(socket))
    })
    socket.on('error', reject)
  })
}

test('a client that reads nothing is waited for, and one that goes away ends the walk', async (t) => {
  const node = new CountedNode({ folder: await temporaryFolder(t), log: silentLog })
  await node.start()
  t.after(() => node.stop())
  const url = await startGateway(t, node, silentLog, true)
  const total = 64
  const mebibytes = Array.from({ length: total }, (_, index) => Buffer.alloc(1_048_576, index))
  const root = await addBytes(node, Buffer.concat(mebibytes))
  for (const query of bodies) {
    node.reads = 0
    const socket = await askAndStare(url, `/ipfs/${root}${query}`)
    await until(async () => node.reads > 1)
    // What the kernel holds for the connection, and no more.
    const held = await node.rest()
    assert.ok(held < total / 2, `${held} blocks were read for nobody ${query}`)
    socket.destroy()
    assert.ok((await node.rest()) <= held + 2, query)
  }
})
