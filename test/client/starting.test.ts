// An emulator for whoever needs one: found, started once, waited for, given up, and what it says when it does not start.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type ProcessIdentity, identify, isRunning } from '../../src/base/process.ts'
import { lockHolder } from '../../src/base/disk/lock.ts'
import type { ControlClient } from '../../src/client/control.ts'
import { findOrStart, findRunning } from '../../src/client/starting.ts'
import { type Aftermath, awaitAftermath, stopEmulator } from '../../src/client/stopping.ts'
import { type Workspace, workspaceAt } from '../../src/workspace.ts'
import { devnetPath } from '../helpers/devnet.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { cliPath, freePorts } from '../helpers/wasmate.ts'

const never = new AbortController().signal

async function makePlace(t: TestContext): Promise<Workspace> {
  const workspace = workspaceAt(await temporaryFolder(t))
  undoAfter(t, () => stopEmulator(workspace, never))
  return workspace
}

async function launch(
  { folder }: Workspace,
  ...settings: string[]
): Promise<{ entry: string; args: string[] }> {
  const all = [...freePorts, `devnet.path=${await devnetPath()}`, ...settings].flatMap((each) => [
    '--set',
    each,
  ])
  return { entry: cliPath, args: ['--dir', folder, ...all, '--json', 'up'] }
}

async function holder(workspace: Workspace): Promise<ProcessIdentity> {
  const found = await lockHolder(workspace.lock)
  if (!found) throw new Error('nobody holds it')
  return found
}

test('several who need one at the same time have the same one, whoever starts it', async (t) => {
  const workspace = await makePlace(t)
  await assert.rejects(findRunning(workspace, never), { code: 'EMULATOR_NOT_RUNNING' })
  const asked = await launch(workspace)
  const clients = await Promise.all([1, 2, 3].map(() => findOrStart(workspace, asked, never)))
  assert.equal(new Set(clients.map(({ state }) => state.pid)).size, 1)
  assert.equal((await findRunning(workspace, never)).state.pid, clients[0]?.state.pid)
  const ended = await stopEmulator(workspace, never)
  assert.equal(ended?.pid, clients[0]?.state.pid)
  assert.equal(await stopEmulator(workspace, never), undefined)
})

test('one that does not start says why: of its settings, and of its state', async (t) => {
  const workspace = await makePlace(t)
  await assert.rejects(findOrStart(workspace, await launch(workspace, 'devnet.accounts=0'), never), {
    code: 'CONFIG_INVALID',
    message: /wasmate\.devnet\.accounts/,
  })
  const asked = await launch(workspace)
  const restoring = { ...asked, args: [...asked.args, '--restore', 'missing'] }
  await assert.rejects(findOrStart(workspace, restoring, never), { code: 'SNAPSHOT_NOT_FOUND' })
  await assert.rejects(findOrStart(workspace, { ...asked, args: ['no-such-verb'] }, never), {
    code: 'EMULATOR_FAILED',
    message: /ended with 2: .*no-such-verb/,
  })
  assert.equal(await lockHolder(workspace.lock), undefined)
})

test('a start that is given up leaves no process', async (t) => {
  const workspace = await makePlace(t)
  const impatient = new AbortController()
  const starting = findOrStart(workspace, await launch(workspace), impatient.signal)
  setTimeout(() => impatient.abort(), 100)
  await assert.rejects(starting, { name: 'AbortError' })
  assert.equal(await lockHolder(workspace.lock), undefined)
})

test('how it went on is known: stopped in order, or killed', async (t) => {
  const workspace = await makePlace(t)
  const asked = await launch(workspace)
  const first = await findOrStart(workspace, asked, never)
  assert.ok('still' in (await awaitAftermath(workspace, first, never, () => undefined)))
  await first.stop()
  assert.deepEqual(await endOf(workspace, first), { ended: 'stopped' })
  const second = await findOrStart(workspace, asked, never)
  const process_ = await holder(workspace)
  process.kill(second.state.pid, 'SIGKILL')
  assert.deepEqual(await endOf(workspace, second), { ended: 'killed' })
  assert.equal(await isRunning(process_), false)
})

/** One that has begun to stop may answer for a moment. */
async function endOf(workspace: Workspace, client: ControlClient): Promise<Aftermath> {
  for (;;) {
    const aftermath = await awaitAftermath(workspace, client, never, () => undefined)
    if ('ended' in aftermath) return aftermath
  }
}

test('one that hangs is ended all the same', async (t) => {
  const workspace = await makePlace(t)
  const { state } = await findOrStart(workspace, await launch(workspace), never)
  process.kill(state.pid, 'SIGSTOP')
  assert.equal((await stopEmulator(workspace, never))?.pid, state.pid)
  assert.equal(await identify(state.pid), undefined)
})
