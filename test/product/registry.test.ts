// Names, their versions and their history as a person meets them: the command line, the real chain, the real node.

import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeLock } from '../../src/client/lock.ts'
import { attach } from '../../src/client/control.ts'
import type { VersionRecord } from '../../src/model.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'
import { type Work, compare, place, startWork } from '../helpers/work.ts'
import { start, wasmate } from '../helpers/wasmate.ts'

async function versionsOf({ run }: Work): Promise<VersionRecord[]> {
  const { json } = await run('log', 'hello', '--json')
  return json[0]?.['versions'] as VersionRecord[]
}

test('two versions are deployed, told, and the first is made current again', async (context) => {
  const work = await startWork(context)
  const { run, edit, running } = work
  await run('deploy', 'hello')
  await edit('Good day')
  await run('deploy', 'hello')
  const versions = await versionsOf(work)
  assert.deepEqual(
    versions.map(({ version, isCurrent, yanked }) => [version, isCurrent, yanked]),
    [
      [2, true, false],
      [1, false, false],
    ],
  )
  const told = (await run('log', 'hello')).stdout
  for (const { cid, blockNumber, publisher, publishedAt } of versions) {
    for (const part of [cid, `block ${blockNumber}`, publisher, new Date(publishedAt * 1000).toISOString()]) {
      assert.ok(told.includes(part), `${part} in ${told}`)
    }
  }
  assert.ok(told.indexOf('v2') < told.indexOf('v1'))

  const back = await run('rollback', 'hello', '1')
  assert.match(back.stdout, /hello: from v2 to v1/)
  assert.equal((await run('invoke', 'hello', '--input', 'you')).stdout, 'Hello, you!')
  const again = await run('rollback', 'hello', '1', '--json')
  assert.equal(again.json[0]?.['state'], 'unchanged')
  assert.equal(again.json[0]?.['receipt'], undefined)

  const lock = JSON.parse(await readFile(join(work.cwd, 'wasmate.lock'), 'utf8')) as {
    functions: Record<string, Record<string, { version: number; cid: string; contract: string }>>
  }
  const { registry } = (await run('status', '--json')).json[0] as { registry: string }
  const locked = lock.functions['hello']?.['emulator']
  assert.deepEqual([locked?.version, locked?.cid, locked?.contract], [1, versions[1]?.cid, registry])
  assert.equal(running.child.exitCode, null)
})

test('two deployments and a rollback at one time leave the current version answering and in wasmate.lock', async (context) => {
  const work = await startWork(context)
  const { cwd, run, edit } = work
  await run('deploy', 'hello')
  await cp(join(cwd, 'hello'), join(cwd, 'other', 'hello'), { recursive: true })
  const source = await readFile(join(cwd, 'hello', 'index.ts'), 'utf8')
  for (const round of [1, 2, 3]) {
    await edit(`One ${round}`)
    await writeFile(join(cwd, 'other', 'hello', 'index.ts'), source.replace('Hello', `Two ${round}`))
    const verbs = [
      ['deploy', 'hello'],
      ['deploy', 'other/hello'],
      ['rollback', 'hello', '1'],
    ]
    await Promise.all(verbs.map((verb) => run(...verb)))
    const [served, locked] = await compare(work).then((all) => [place(all, 'served'), place(all, 'locked')])
    assert.deepEqual([served?.same, locked?.same], [true, true], JSON.stringify([served, locked]))
  }
  assert.equal((await versionsOf(work)).length, 7)
})

test('a deployment that comes late to wasmate.lock does not take the place of a newer one', async (context) => {
  const work = await startWork(context)
  const { cwd, run, edit } = work
  await run('deploy', 'hello')
  const [first] = await versionsOf(work)
  assert.ok(first)
  await edit('Later')
  await run('deploy', 'hello')
  const workspace = workspaceAt(cwd)
  const { signal } = new AbortController()
  await writeLock({ workspace, signal }, await attach(workspace), first)
  assert.equal(place(await compare(work), 'locked').found?.version, 2)
})

test('a module that was registered ready-made is registered again once, with its source', async (context) => {
  const { cwd, run } = await startWork(context)
  const stateOf = async (path: string): Promise<unknown> => {
    const { registered } = (await run('deploy', path, '--json')).json[0] as { registered: unknown }
    const { state, registration } = registered as { state: string; registration: { version: number } }
    return [state, registration.version]
  }
  await run('build', 'hello', '--out', 'ready/hello.wasm')
  assert.deepEqual(await stateOf('ready/hello.wasm'), ['registered', 1])
  assert.match((await wasmate(['verify', 'hello'], { cwd })).stdout, /SOURCE_NOT_REGISTERED/)
  assert.deepEqual(await stateOf('hello'), ['registered', 2])
  await run('verify', 'hello')
  // What is known of the source is not taken back, and nothing is told twice.
  assert.deepEqual(await stateOf('hello'), ['unchanged', 2])
  assert.deepEqual(await stateOf('ready/hello.wasm'), ['unchanged', 2])
})

test('diff says which differ and why', async (context) => {
  const work = await startWork(context)
  const { run, edit } = work
  const fresh = await compare(work)
  assert.match(place(fresh, 'local').why ?? '', /not deployed/)
  assert.match(place(fresh, 'registered').why ?? '', /nobody/)
  await run('deploy', 'hello')
  const deployed = await compare(work)
  assert.deepEqual([deployed.code, deployed.same], [0, true], JSON.stringify(deployed))
  const cids = ['local', 'pinned', 'registered', 'served', 'locked'].map(
    (each) => place(deployed, each).found?.cid,
  )
  assert.equal(new Set(cids).size, 1)

  await edit('Good day')
  const edited = await compare(work)
  assert.deepEqual([edited.code, edited.same], [1, false])
  assert.equal(place(edited, 'local').why, 'source changed since v1')
  await run('deploy', 'hello')
  await run('rollback', 'hello', '1')
  assert.equal(place(await compare(work), 'local').why, 'the folder builds v2; v1 is current')
  await edit('Hello')
  assert.deepEqual((await compare(work)).code, 0)
  await writeFile(join(work.cwd, 'hello', 'index.ts'), 'export function hello(): i32 { return missing }\n')
  const broken = await compare(work)
  assert.deepEqual([broken.code, place(broken, 'local').problem?.code], [1, 'BUILD_FAILED'])
  assert.equal(place(broken, 'served').same, true)
})

test('verify builds it again, compares it with wasmate.lock, and attests what holds', async (context) => {
  const work = await startWork(context)
  const { cwd, run, edit } = work
  await run('deploy', 'hello')
  const plain = await run('verify', 'hello')
  assert.match(plain.stdout, /ok +bytes/)
  assert.match(plain.stdout, /ok +lock/)
  assert.match(plain.stdout, /\nverified\n/)
  assert.match((await run('verify', 'hello', '--attest')).stdout, /attested in block \d+/)
  assert.match((await run('verify', 'hello', '--attest')).stdout, /attested by this account before/)
  const [version] = await versionsOf(work)
  assert.deepEqual(version?.attestedBy, [version?.publisher])
  assert.match((await run('log', 'hello')).stdout, new RegExp(`attested by ${version?.publisher}`))

  // Somebody deploys without this workspace's wasmate.lock knowing.
  const lock = await readFile(join(cwd, 'wasmate.lock'), 'utf8')
  await edit('Good day')
  await run('deploy', 'hello')
  await writeFile(join(cwd, 'wasmate.lock'), lock)
  const all = await wasmate(['verify', '--attest'], { cwd })
  assert.equal(all.code, 1)
  assert.match(all.stdout, /FAILED +lock +LOCK_MISMATCH.*\n +next: /)
  assert.match(all.stdout, /NOT verified; not attested/)
  // Of another version than the locked one there is nothing to compare, and the locked one is as it was.
  assert.equal((await run('verify', 'hello', '--version', '1')).code, 0)
  assert.equal((await run('verify', 'hello', '--version', '2')).code, 0)
})

test('a yanked version is told, and can not be made current', async (context) => {
  const work = await startWork(context)
  const { cwd, run, edit } = work
  await run('deploy', 'hello')
  await edit('Good day')
  await run('deploy', 'hello')
  const client = await attach(workspaceAt(cwd))
  const yanked = await client.stream('change', { kind: 'yank', name: 'hello', version: 2 }, {})
  assert.deepEqual([yanked.state, yanked.before, yanked.current?.version], ['changed', 2, 1])
  assert.equal((await run('invoke', 'hello', '--input', 'you')).stdout, 'Hello, you!')
  assert.match((await run('log', 'hello')).stdout, /^v2 {2}yanked/m)
  const refused = await wasmate(['rollback', 'hello', '2'], { cwd })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /VERSION_YANKED.*hello v2\n +next: /)
  const last = await client.stream('change', { kind: 'yank', name: 'hello', version: 1 }, {})
  assert.deepEqual([last.before, last.current], [1, undefined])
  assert.match(place(await compare(work), 'registered').why ?? '', /none of its 2 versions is current/)
})

test('log --watch tells every change of a name that nobody has at first, until it is ended', async (context) => {
  const work = await startWork(context)
  const { cwd, run, edit } = work
  const watching = start(['log', 'hello', '--watch', '--json'], cwd)
  undoAfter(context, () => watching.child.kill('SIGKILL'))
  const seen = (): unknown[] =>
    watching
      .json()
      .map(({ current }) => (current as { current: { version: number } } | null)?.current.version)
  await until(async () => seen().length > 0)
  await run('deploy', 'hello')
  await until(async () => seen().includes(1))
  await edit('Good day')
  await run('deploy', 'hello')
  await until(async () => seen().includes(2))
  await run('rollback', 'hello', '1')
  await until(async () => seen().at(-1) === 1)
  assert.deepEqual(seen(), [undefined, 1, 2, 1])
  watching.child.kill('SIGINT')
  assert.equal(await watching.exitCode, 0, watching.stderr())
})
