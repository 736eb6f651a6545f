// Clients that others wrote: the CAR reader of npm, Node's own fetch, and Lassie itself where it is on PATH.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { CarBlockIterator } from '@ipld/car'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { walkDag } from '../../../src/content/dag/walk.ts'
import { addBytes, collectAll, madeBytes, startNode } from '../../helpers/content.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { ask, startLassie } from '../../helpers/lassie.ts'
import { findOnPath } from '../../helpers/on-path.ts'

const content = madeBytes(3_500_000)
/** Where no indexer listens: nobody outside is asked. */
const noIndexer = 'http://127.0.0.1:9'

test('fetch and @ipld/car read an answer while it comes', async (t) => {
  const node = await startNode(t)
  const cid = await addBytes(node, content)
  const { body } = await fetch(`${await startLassie(t, { store: node })}/ipfs/${cid}`)
  assert.ok(body)
  const iterator = await CarBlockIterator.fromIterable(body)
  assert.equal((await iterator.getRoots()).join(), cid)
  const expected = await collectAll(walkDag(node, parseCid(cid)))
  let index = 0
  for await (const block of iterator) {
    assert.equal(block.cid.toString(), expected[index]?.cid.toString())
    assert.deepEqual(Buffer.from(block.bytes), Buffer.from(expected[index]?.bytes ?? []))
    index += 1
  }
  assert.equal(index, expected.length)
})

const lassie = findOnPath('lassie')
if (lassie !== undefined) {
  test(`lassie fetch (${lassie}) takes a file from here, and an error for a broken one`, async (t) => {
    const node = await startNode(t)
    const url = await startLassie(t, { store: node })
    const folder = await temporaryFolder(t)
    const fetchCar = async (cid: string): Promise<Buffer> => {
      const path = join(folder, `${cid}.car`)
      const places = ['--providers', url, '--ipni-endpoint', noIndexer, '--tempdir', folder]
      await promisify(execFile)(lassie, ['fetch', ...places, '-o', path, cid])
      return readFile(path)
    }
    const cid = await addBytes(node, content)
    assert.deepEqual(await fetchCar(cid), (await ask(url, `/ipfs/${cid}`)).body)
    const broken = await addBytes(node, madeBytes(3_500_000, 'broken'))
    const last = (await collectAll(walkDag(node, parseCid(broken)))).at(-1)
    if (last) await node.blocks.delete(last.cid)
    await assert.rejects(fetchCar(broken), /could not load link/)
  })

  test(`lassie daemon (${lassie}) and this answer each other's requests`, async (t) => {
    const node = await startNode(t)
    const cid = await addBytes(node, content)
    const far = await startLassie(t, { store: node })
    const folder = await temporaryFolder(t)
    const places = ['--providers', far, '--ipni-endpoint', noIndexer, '--tempdir', folder]
    const daemon = spawn(lassie, ['daemon', ...places], { stdio: ['ignore', 'pipe', 'ignore'] })
    t.after(() => daemon.kill('SIGKILL'))
    const [line] = (await once(createInterface(daemon.stdout), 'line')) as [string]
    const daemonUrl = `http://${line.split(' ').at(-1) ?? ''}`
    const near = await startLassie(t, { gateways: [daemonUrl] })
    const direct = await ask(far, `/ipfs/${cid}`)
    for (const url of [daemonUrl, near]) {
      const { status, body } = await ask(url, `/ipfs/${cid}`, { headers: { accept: '*/*' } })
      assert.equal(status, 200)
      assert.deepEqual(body, direct.body)
    }
  })
}
