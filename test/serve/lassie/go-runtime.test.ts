// The existing Go runtime gets a function from our registry and our node: what it asks for and how it reads it, and
// the program itself where it is on PATH.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, after, before, describe, it } from 'node:test'
import type { ImportProfile } from '../../../src/model.ts'
import { makeBuilder, makeSource } from '../../helpers/builder.ts'
import { type Chain, startChain } from '../../helpers/chain.ts'
import { addBytes, madeBytes, startNode } from '../../helpers/content.ts'
import { cid as sourceCid, newRegistry } from '../../helpers/contract.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import {
  type RuntimeSources,
  extractAsRuntime,
  fetchAsRuntime,
  readCidAsRuntime,
  startRuntime,
} from '../../helpers/go-runtime.ts'
import { startLassie } from '../../helpers/lassie.ts'
import { findOnPath } from '../../helpers/on-path.ts'
import { startRunner } from '../../helpers/runner.ts'

const source = `import { Host } from '@extism/as-pdk'
export function say_hello(): i32 {
  Host.output(Uint8Array.wrap(String.UTF8.encode('Hello, ' + Host.inputString() + '!')))
  return 0
}
`

/** With a custom section that is ignored, so that the file is more than one block in every profile. */
function enlarge(wasm: Uint8Array): Buffer {
  const padding = madeBytes(1_500_000)
  const name = Buffer.from('\x07padding')
  const length = name.length + padding.length
  const size = Buffer.from([(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14])
  return Buffer.concat([wasm, Buffer.from([0]), size, name, padding])
}

describe('the existing Go runtime', { concurrency: false }, () => {
  let chain: Chain
  before(async () => (chain = await startChain()))
  after(() => chain.stop())

  /** A function that is built, added, published and served. */
  async function publish(
    t: TestContext,
    { name, profile }: { name: string; profile: ImportProfile },
  ): Promise<RuntimeSources & { wasm: Buffer; cid: string }> {
    const place = await makeSource(await temporaryFolder(t), name, {
      'index.ts': source,
      'wasmate.json': '{ "language": "assemblyscript", "exports": ["say_hello"] }',
    })
    const wasm = enlarge((await makeBuilder(t).compile(place)).bytes)
    const node = await startNode(t)
    const cid = await addBytes(node, wasm, profile)
    const registry = newRegistry(chain)
    const { address } = await registry.ensureDeployed({})
    const sha256 = createHash('sha256').update(wasm).digest('hex')
    await registry.publish({ name, cid, sha256, size: wasm.length, sourceCid }, {})
    const lassieUrl = await startLassie(t, { store: node })
    return { ...{ name, cid, wasm, lassieUrl }, rpcUrl: chain.rpcUrl, registry: address }
  }

  it('by the requests recorded from it: reads the CID, takes the CAR, and finds the module in it', async (t) => {
    const published = await publish(t, { name: 'sayhello', profile: 'unixfs-v0-2015' })
    const cid = await readCidAsRuntime(published)
    assert.equal(cid, published.cid)
    const [wasm = Buffer.alloc(0), ...others] = await extractAsRuntime(await fetchAsRuntime(published, cid))
    assert.ok(wasm.equals(published.wasm))
    assert.deepEqual(others, [])
    const { ask } = await startRunner(t, { plugin: wasm })
    assert.equal(await ask({ export: 'say_hello', input: 'Ada' }), 'Hello, Ada!')
  })

  it('does not read what is not in the profile unixfs-v0-2015: its leaves are raw', async (t) => {
    const published = await publish(t, { name: 'rawleaves', profile: 'unixfs-v1-2025' })
    const car = await fetchAsRuntime(published, await readCidAsRuntime(published))
    await assert.rejects(extractAsRuntime(car), /no decoder registered for multicodec code 0x55/)
  })

  const binary = findOnPath('wasmate-runtime')
  if (binary !== undefined) {
    it(`itself (${binary}): loads it and answers as our runner does`, async (t) => {
      const published = await publish(t, { name: 'itself', profile: 'unixfs-v0-2015' })
      const url = await startRuntime(t, binary, published)
      const { ask } = await startRunner(t, { plugin: published.wasm })
      for (const input of ['Ada', '', 'Jürgen 🌍']) {
        const response = await fetch(url, { method: 'POST', body: input })
        assert.equal(response.status, 200)
        assert.equal(await response.text(), await ask({ export: 'say_hello', input }))
      }
    })

    it(`itself (${binary}): ends at a module with raw leaves`, async (t) => {
      const published = await publish(t, { name: 'itself-raw', profile: 'unixfs-v1-2025' })
      await assert.rejects(startRuntime(t, binary, published), /no decoder registered for multicodec code 85/)
    })
  }
})
