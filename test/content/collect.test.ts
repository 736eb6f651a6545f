import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { codecOf, makeBlock, parseCid } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import type { ContentNode } from '../../src/content/node.ts'
import { verifyPins } from '../../src/content/verify.ts'
import { addBytes, addDefaults, collectAll, madeBytes, startNode } from '../helpers/content.ts'

async function assertWhole(node: ContentNode, cid: string): Promise<void> {
  await collectAll(walkDag(node, parseCid(cid)))
}

test('collection removes what no pin reaches, and nothing else', async (t) => {
  const node = await startNode(t)
  const kept = await addBytes(node, madeBytes(3_000_000, 'kept'))
  const dropped = await addBytes(node, madeBytes(3_000_000, 'dropped'))
  const direct = makeBlock(Buffer.from('direct'), codecOf('raw'))
  await node.putBlock(direct, 'direct')
  await node.pins.remove(parseCid(dropped))
  assert.equal((await node.collect()).length, 4)
  await assertWhole(node, kept)
  assert.equal(Buffer.from(await node.get(direct.cid)).toString(), 'direct')
  await assert.rejects(node.get(parseCid(dropped)), { code: 'CONTENT_NOT_FOUND' })
})

test('a collection waits until it is known what else is to stay, and removes nothing when that can not be known', async (t) => {
  const node = await startNode(t)
  const block = makeBlock(Buffer.from('kept by somebody else'), codecOf('raw'))
  await node.putBlock(block)
  let roots: ReturnType<typeof parseCid>[] = []
  const known = setTimeout(50).then(() => (roots = [block.cid]))
  node.kept.push({ known, roots: () => roots })
  assert.deepEqual(await node.collect(), [])
  const failing = Promise.reject(new Error('the list is damaged'))
  failing.catch(() => undefined)
  node.kept.push({ known: failing, roots: () => [] })
  await assert.rejects(node.collect(), /the list is damaged/)
  assert.equal(Buffer.from(await node.get(block.cid)).toString(), 'kept by somebody else')
})

test('blocks of an add under way are not collected, however often and whenever that is tried', async (t) => {
  const node = await startNode(t)
  const content = (async function* () {
    for (let index = 0; index < 6; index++) {
      yield madeBytes(1_048_576, `part ${index}`)
      await node.collect()
    }
  })()
  const [entry] = await collectAll(node.add([{ path: 'f', content }], addDefaults))
  assert.ok(entry)
  await node.collect()
  await assertWhole(node, entry.cid.toString())
})

test('adds and collections at the same time lose nothing that was acknowledged', async (t) => {
  const node = await startNode(t)
  const shared = madeBytes(300_000, 'shared')
  const added: string[] = []
  const adding = Promise.all(
    [0, 1, 2, 3].map(async (writer) => {
      for (let turn = 0; turn < 8; turn++) {
        const cid = await addBytes(node, madeBytes(200_000, `${writer} ${turn}`))
        added.push(cid)
        // Pinned, unpinned and added again: its blocks are now garbage, now not.
        const again = await addBytes(node, shared)
        if (turn < 7) await node.pins.remove(parseCid(again))
        else added.push(again)
      }
    }),
  )
  let isAdding = true
  const collecting = (async () => {
    while (isAdding) await node.collect()
  })()
  await adding
  isAdding = false
  await collecting
  for (const cid of added) await assertWhole(node, cid)
})

test('a collection removes nothing when the DAG of a pin can not be read', async (t) => {
  const node = await startNode(t)
  const cbor = codecOf('dag-cbor')
  const child = makeBlock(cbor.encode({ child: true }), cbor)
  const root = makeBlock(cbor.encode({ child: child.cid }), cbor)
  await node.putBlock(child)
  await node.putBlock(root, 'recursive')
  const loose = makeBlock(Buffer.from('loose'), codecOf('raw'))
  await node.putBlock(loose)
  await node.blocks.delete(child.cid)
  await assert.rejects(node.collect(), { code: 'CONTENT_NOT_FOUND' })
  assert.equal(Buffer.from(await node.get(loose.cid)).toString(), 'loose')
})

test('an add that breaks off leaves nothing, and takes nothing from others', async (t) => {
  const node = await startNode(t)
  const shared = madeBytes(1_048_576, 'shared')
  const kept = await addBytes(node, shared)
  const broken = (async function* () {
    yield shared
    yield madeBytes(1_048_576, 'lost')
    // Another add comes upon the same block while this one is under way.
    await addBytes(node, madeBytes(1_048_576, 'also kept'))
    yield madeBytes(1_048_576, 'also kept')
    throw new Error('the client has gone')
  })()
  await assert.rejects(collectAll(node.add([{ path: 'f', content: broken }], addDefaults)))
  assert.equal((await collectAll(node.blocks.list())).length, 2)
  assert.equal(node.pins.all().length, 2)
  await assertWhole(node, kept)
})

test('adds, updates, unpins, direct pins and collections all at one time keep every pin whole', async (t) => {
  const node = await startNode(t)
  const common = madeBytes(200_000, 'common')
  const settings = { ...addDefaults, chunkBytes: 100_000 }
  const addOne = async (seed: string): Promise<string> => {
    const content = Buffer.concat([common, madeBytes(150_000, seed)])
    const [entry] = await collectAll(node.add([{ path: 'f', content }], settings))
    assert.ok(entry)
    return entry.cid.toString()
  }
  const expected = new Set<string>()
  const work = async (writer: number): Promise<void> => {
    let current = await addOne(`${writer}`)
    for (let turn = 0; turn < 8; turn++) {
      const next = await addOne(`${writer} ${turn}`)
      await node.pin(parseCid(next), 'recursive', `turn ${turn}`)
      await node.pins.remove(parseCid(current))
      current = next
    }
    expected.add(current)
  }
  let isWorking = true
  const collecting = (async () => {
    while (isWorking) await node.collect()
  })()
  await Promise.all([0, 1, 2].map(work))
  isWorking = false
  await collecting
  assert.deepEqual(new Set(node.pins.all().map(({ cid }) => cid.toString())), expected)
  for await (const { goodCount, bad } of verifyPins(node, node.pins.all())) {
    assert.deepEqual([goodCount, bad], [5, []])
  }
  await node.collect()
  assert.equal((await collectAll(node.blocks.list())).length, 2 + 3 * expected.size)
})
