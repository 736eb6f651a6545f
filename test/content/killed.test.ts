import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ContentNode } from '../../src/content/node.ts'
import { parseCid } from '../../src/content/dag/codecs.ts'
import { removeFrom } from '../../src/content/files/operations.ts'
import { verifyPins } from '../../src/content/verify.ts'
import { collectAll, collectBytes, startNode } from '../helpers/content.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const script = fileURLToPath(new URL('./killed-node.ts', import.meta.url))

/** What must be so after a kill. A CID that was being unpinned is in neither. */
interface Acknowledged {
  pinned: Set<string>
  unpinned: Set<string>
  /** Paths of files, each of which holds its path. */
  wrote: Set<string>
  collections: number
}

/** Runs a node that works without end and kills it after so many lines, in the middle of whatever comes next. */
async function workAndKill(folder: string, lines: number, acknowledged: Acknowledged): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, cid = ''] = line.split(' ')
    if (what === 'collected') acknowledged.collections += 1
    else if (what === 'unpinning') acknowledged.pinned.delete(cid)
    else if (what === 'pinned' || what === 'unpinned' || what === 'wrote') acknowledged[what].add(cid)
    if (++count === lines) child.kill('SIGKILL')
  }
  await closed
}

async function assertAsAcknowledged(
  node: ContentNode,
  { pinned, unpinned, wrote }: Acknowledged,
): Promise<void> {
  for (const cid of pinned) assert.equal(node.pins.get(parseCid(cid))?.mode, 'recursive', `${cid} is lost`)
  for (const cid of unpinned) assert.equal(node.pins.get(parseCid(cid)), undefined, `${cid} is back`)
  for await (const { cid, goodCount, bad } of verifyPins(node, node.pins.all())) {
    assert.deepEqual(bad, [], cid.toString())
    assert.equal(goodCount, 4)
  }
  for (const path of wrote) {
    const found = await node.files.find(path)
    assert.equal((await collectBytes(node.files.read(found, 0, found.node.size))).toString(), path)
  }
  // What was under way left no block that is damaged, and no file that is none.
  for await (const cid of node.blocks.list()) await node.get(cid)
  assert.deepEqual(await readdir(join(node.folder, 'blocks', 'incoming')), [])
}

test('after SIGKILL in the middle of adds, pins, imports and collections all that was acknowledged is so', async (t) => {
  const folder = await temporaryFolder(t)
  const acknowledged: Acknowledged = {
    pinned: new Set(),
    unpinned: new Set(),
    wrote: new Set(),
    collections: 0,
  }
  for (const lines of [1, 7, 20, 41, 83]) {
    // So that each turn dies at another place.
    await workAndKill(folder, lines + Math.floor(Math.random() * 10), acknowledged)
    const node = await startNode(t, folder)
    await assertAsAcknowledged(node, acknowledged)
    await node.stop()
  }
  assert.ok(acknowledged.pinned.size > 0)
  assert.ok(acknowledged.wrote.size > 0)
  assert.ok(acknowledged.collections > 0)
  const node = await startNode(t, folder)
  for (const { name } of await node.files.list(await node.files.find('/'))) {
    await node.files.change(removeFrom(`/${name}`, { recursive: true }))
  }
  // Nothing but the pinned DAGs is left when it is collected, and the empty directory of the files: each has three
  // blocks of its own and one of all.
  await node.collect()
  const stored = await collectAll(node.blocks.list())
  assert.equal(stored.length, 3 * node.pins.all().length + 1 + 1)
})
