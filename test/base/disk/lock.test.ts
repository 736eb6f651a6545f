import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { acquireLock, lockHolder } from '../../../src/base/disk/lock.ts'
import { identify } from '../../../src/base/process.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

test('a held lock names its process and is refused to others', async (context) => {
  const path = join(await temporaryFolder(context), 'lock')
  const lock = await acquireLock(path)
  assert.equal((await lockHolder(path))?.pid, process.pid)
  await assert.rejects(acquireLock(path), (error: Error) => error.message.includes(`process ${process.pid}`))
  await lock.release()
  assert.equal(await lockHolder(path), undefined)
  await (await acquireLock(path)).release()
})

test('the lock of a process that was killed is taken over', async (context) => {
  const path = join(await temporaryFolder(context), 'lock')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const dead = await identify(child.pid ?? 0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await writeFile(path, JSON.stringify(dead))
  const lock = await acquireLock(path)
  assert.equal((await lockHolder(path))?.pid, process.pid)
  await lock.release()
})

test('a living process with the pid of a dead holder does not hold the lock', async (context) => {
  const path = join(await temporaryFolder(context), 'lock')
  await writeFile(path, JSON.stringify({ pid: process.pid, startedAt: 'long ago' }))
  await (await acquireLock(path)).release()
})

test('a lock file with anything else in it is taken over', async (context) => {
  const path = join(await temporaryFolder(context), 'lock')
  await writeFile(path, '{"pid":')
  await (await acquireLock(path)).release()
})

test('of many that want a stale lock at one time, one gets it and nothing is left beside it', async (context) => {
  const folder = await temporaryFolder(context)
  const path = join(folder, 'lock')
  await writeFile(path, JSON.stringify({ pid: process.pid, startedAt: 'long ago' }))
  const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(path)))
  assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.deepEqual(await readdir(folder), ['lock'])
})
