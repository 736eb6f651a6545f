// A disk without room: a limit on the size of files that every system has, and where this process may mount one, a
// small file system that is really full.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { temporaryFolder } from '../helpers/folder.ts'

const script = fileURLToPath(new URL('./full-node.ts', import.meta.url))
const refusalSchema = z.object({ code: z.string(), next: z.string(), message: z.string() })
const verifiedSchema = z.object({ pins: z.number(), bad: z.number(), blocks: z.number() })

interface Node {
  /** One order, one answer. */
  ask(order: string): Promise<unknown>
  stop(): Promise<void>
}

/** `before` is run by the shell that then becomes the node, with the node's folder as its first argument. */
async function startUnder(t: TestContext, folder: string, before: string, shell = ['sh']): Promise<Node> {
  const [command = '', ...rest] = shell
  const become = `${before}; exec "$2" --import tsx "$3" "$1"`
  const child: ChildProcess = spawn(
    command,
    [...rest, '-c', become, 'sh', folder, process.execPath, script],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  t.after(() => child.kill('SIGKILL'))
  assert.ok(child.stdout && child.stdin)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    const { value, done } = (await lines.next()) as IteratorResult<string, undefined>
    assert.ok(!done, 'the node ended')
    return JSON.parse(String(value))
  }
  assert.equal(await answer(), 'started')
  const { stdin } = child
  return {
    ask: (order) => {
      stdin.write(`${order}\n`)
      return answer()
    },
    stop: async () => {
      stdin.end()
      await closed
    },
  }
}

function assertRefused(answer: unknown): void {
  const { code, next } = refusalSchema.parse(answer)
  assert.equal(code, 'STATE_UNWRITABLE')
  assert.match(next, /Make room on the disk/)
}

const verify = async (node: Node): Promise<z.infer<typeof verifiedSchema>> =>
  verifiedSchema.parse(await node.ask('verify'))

/** 64 KiB in the blocks of 512 bytes that POSIX counts `ulimit -f` in; bash as `sh` keeps to it too. */
const limited = 'ulimit -S -f 128'

test('what does not fit is refused by name, leaves nothing, and goes in once the limit is lifted', async (t) => {
  const folder = await temporaryFolder(t)
  const node = await startUnder(t, folder, limited)
  assert.equal(typeof (await node.ask('add small 30000')), 'string')
  assertRefused(await node.ask('add large 600000'))
  assertRefused(await node.ask('import large 600000'))
  assert.deepEqual(await verify(node), { pins: 1, bad: 0, blocks: 1 })
  assert.equal(typeof (await node.ask('add other 30000')), 'string')
  await node.stop()
  assert.deepEqual(await readdir(join(folder, 'blocks', 'incoming')), [])
  const free = await startUnder(t, folder, ':')
  assert.equal(typeof (await free.ask('add large 600000')), 'string')
  assert.deepEqual(await verify(free), { pins: 3, bad: 0, blocks: 6 })
  await free.stop()
})

test('a journal that can not grow refuses the pin, and what was pinned before stays', async (t) => {
  const folder = await temporaryFolder(t)
  const node = await startUnder(t, folder, 'ulimit -S -f 8')
  const pinned: string[] = []
  let refused: unknown
  // Each record of the journal has some 120 bytes, and 4 KiB are allowed.
  for (let turn = 0; turn < 60 && refused === undefined; turn++) {
    const answer = await node.ask(`add ${turn} 100`)
    if (typeof answer === 'string') pinned.push(answer)
    else refused = answer
  }
  assertRefused(refused)
  assert.deepEqual(await verify(node), { pins: pinned.length, bad: 0, blocks: pinned.length })
  await node.stop()
  const free = await startUnder(t, folder, ':')
  assert.deepEqual(await verify(free), { pins: pinned.length, bad: 0, blocks: pinned.length })
  assert.equal(typeof (await free.ask('add more 100')), 'string')
  await free.stop()
})

/** A mount of one's own, without being root where the system allows that. */
const unshared = ['unshare', '-Urm', 'sh']
const mountSmall = 'mount -t tmpfs -o size=1m none "$1"'
const canMount = spawnSync(unshared[0] ?? '', ['-Urm', 'sh', '-c', mountSmall, 'sh', '/mnt']).status === 0

async function fillAndDrop(node: Node): Promise<void> {
  const first = await node.ask('add first 300000')
  assert.equal(typeof first, 'string')
  for (const order of ['add second 900000', 'import second 900000', 'add third 5000000']) {
    assertRefused(await node.ask(order))
    assert.deepEqual(await verify(node), { pins: 1, bad: 0, blocks: 3 }, order)
  }
  assert.equal(await node.ask(`drop ${String(first)}`), true)
  assert.equal(await node.ask('collect'), 3)
  assert.equal(typeof (await node.ask('add second 900000')), 'string')
  assert.deepEqual(await verify(node), { pins: 1, bad: 0, blocks: 5 })
}

// Where nothing may be mounted the two tests above hold the same by the limit.
if (canMount) {
  test('a file system that is really full: refused by name, nothing left, and room is made by collection', async (t) => {
    const folder = join(await temporaryFolder(t), 'small')
    await mkdir(folder)
    const node = await startUnder(t, folder, mountSmall, unshared)
    await fillAndDrop(node)
    await node.stop()
  })
}
