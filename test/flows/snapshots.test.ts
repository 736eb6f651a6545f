// What a snapshot holds, and that a restore is whole whenever it is cut off.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  finishRestore,
  listSnapshots,
  removeSnapshot,
  restoreSnapshot,
  saveSnapshot,
} from '../../src/flows/snapshots.ts'
import { type Workspace, prepareWorkspace, workspaceAt } from '../../src/workspace.ts'
import { temporaryFolder } from '../helpers/folder.ts'

async function makeWorkspace(t: TestContext, word: string): Promise<Workspace> {
  const workspace = workspaceAt(await temporaryFolder(t))
  await prepareWorkspace(workspace)
  await writeWord(workspace, word)
  return workspace
}

/** Every part says the same word. */
async function writeWord(workspace: Workspace, word: string): Promise<void> {
  await writeFile(workspace.served, word)
  await writeFile(workspace.publications, word)
  await mkdir(workspace.chain, { recursive: true })
  await writeFile(join(workspace.chain, 'chain.journal'), word)
  await mkdir(join(workspace.content, 'blocks', 'AB'), { recursive: true })
  await writeFile(join(workspace.content, 'blocks', 'AB', word), word)
  await writeFile(join(workspace.content, 'pins.journal'), word)
}

async function readWords(workspace: Workspace): Promise<string[]> {
  const files = [
    ...[workspace.served, workspace.publications, join(workspace.chain, 'chain.journal')],
    join(workspace.content, 'pins.journal'),
  ]
  return Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => 'none')))
}

test('a restore brings back every part, and keeps what was there as the snapshot replaced', async (t) => {
  const workspace = await makeWorkspace(t, 'one')
  await saveSnapshot(workspace, 'first')
  await writeWord(workspace, 'two')
  await restoreSnapshot(workspace, 'first')
  assert.deepEqual(await readWords(workspace), ['one', 'one', 'one', 'one'])
  assert.deepEqual(await readdir(join(workspace.content, 'blocks', 'AB')), ['one'])
  assert.deepEqual(
    (await listSnapshots(workspace)).map(({ name }) => name),
    ['replaced', 'first'],
  )
  await restoreSnapshot(workspace, 'replaced')
  assert.deepEqual(await readWords(workspace), ['two', 'two', 'two', 'two'])
  assert.deepEqual(await readdir(join(workspace.content, 'blocks', 'AB')), ['one', 'two'])
})

test('blocks are linked, and take no room', async (t) => {
  const workspace = await makeWorkspace(t, 'one')
  await saveSnapshot(workspace, 'first')
  const { nlink } = await stat(join(workspace.content, 'blocks', 'AB', 'one'))
  assert.equal(nlink, 2)
  assert.equal((await stat(workspace.served)).nlink, 1)
})

test('what was not there when it was saved is not there when it is restored', async (t) => {
  const workspace = workspaceAt(await temporaryFolder(t))
  await prepareWorkspace(workspace)
  await saveSnapshot(workspace, 'empty')
  await writeWord(workspace, 'one')
  await restoreSnapshot(workspace, 'empty')
  assert.deepEqual(await readWords(workspace), ['none', 'none', 'none', 'none'])
})

test('names are refused that are taken, that can not be one, and that nobody has', async (t) => {
  const workspace = await makeWorkspace(t, 'one')
  await saveSnapshot(workspace, 'first')
  await assert.rejects(saveSnapshot(workspace, 'first'), { code: 'SNAPSHOT_EXISTS' })
  await saveSnapshot(workspace, 'first', { replace: true })
  for (const name of ['', '../first', 'a/b', '.hidden', 'x'.repeat(64), 'a.partial-1']) {
    await assert.rejects(saveSnapshot(workspace, name), { code: 'INPUT_INVALID' })
  }
  await assert.rejects(restoreSnapshot(workspace, 'second'), {
    code: 'SNAPSHOT_NOT_FOUND',
    detail: 'second; there are first',
  })
  await removeSnapshot(workspace, 'first')
  assert.deepEqual(await listSnapshots(workspace), [])
  await assert.rejects(removeSnapshot(workspace, 'first'), { code: 'SNAPSHOT_NOT_FOUND' })
})

test('a restore that is killed at any moment is either not begun or brought to its end', async (t) => {
  const workspace = await makeWorkspace(t, 'one')
  await saveSnapshot(workspace, 'one')
  await writeWord(workspace, 'two')
  await saveSnapshot(workspace, 'two')
  const module = new URL('../../src/flows/snapshots.ts', import.meta.url).href
  const workspaces = new URL('../../src/workspace.ts', import.meta.url).href
  const endless = `
    import { restoreSnapshot, finishRestore } from ${JSON.stringify(module)}
    import { workspaceAt } from ${JSON.stringify(workspaces)}
    const workspace = workspaceAt(${JSON.stringify(workspace.folder)})
    await finishRestore(workspace)
    console.log('begun')
    for (let turn = 0; ; turn++) await restoreSnapshot(workspace, turn % 2 ? 'two' : 'one')`
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', endless], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, 5 + round * 7))
    child.kill('SIGKILL')
    await once(child, 'close')
    await finishRestore(workspace)
    const words = new Set(await readWords(workspace))
    assert.equal(words.size, 1, `round ${round}: ${[...words].join(', ')}`)
    assert.ok(words.has('one') || words.has('two'))
  }
})
