import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseCid } from '../../src/content/dag/codecs.ts'
import { walkDag } from '../../src/content/dag/walk.ts'
import { collectAll, startNode } from '../helpers/content.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const script = fileURLToPath(new URL('./killed-node.ts', import.meta.url))

/** Runs a node that adds without end, kills it after so many acknowledged pins, and gives those. */
async function addAndKill(folder: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line)
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  await closed
  return acknowledged
}

test('after SIGKILL in the middle of adds and collections every acknowledged pin is there and whole', async (t) => {
  const folder = await temporaryFolder(t)
  const acknowledged: string[] = []
  for (const count of [1, 4, 13, 25]) {
    acknowledged.push(...(await addAndKill(folder, count)))
    const node = await startNode(t, folder)
    for (const text of acknowledged) {
      const cid = parseCid(text)
      assert.equal(node.pins.get(cid)?.mode, 'recursive')
      assert.equal((await collectAll(walkDag(node, cid))).length, 4)
    }
    // Whatever was under way leaves no block that is damaged.
    for await (const { cid } of node.blocks.list()) await node.get(cid)
    await node.stop()
  }
  assert.ok(acknowledged.length >= 43)
})
