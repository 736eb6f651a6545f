// SIGKILL of anything at any point: no orphan, and every acknowledged pin and registration is there afterwards.

import assert from 'node:assert/strict'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { create } from 'kubo-rpc-client'
import { Kept } from '../../src/base/kept.ts'
import { type ProcessIdentity, isRunning } from '../../src/base/process.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { type Running, chainIs, up, wasmate } from '../helpers/wasmate.ts'

interface Acknowledged {
  name: string
  cid: string
  version: number
}

/** Compiled once: what is deployed does not matter here. */
const hello = new Kept(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
  try {
    await wasmate(['new', 'hello'], { cwd })
    const built = await wasmate(['build', 'hello', '--out', 'hello.wasm'], { cwd })
    assert.equal(built.code, 0, built.stderr)
    return await readFile(join(cwd, 'hello.wasm'))
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
})

/** A workspace with a compiled hello.wasm, from which any number of functions are made at once. */
async function workspace(context: TestContext): Promise<string> {
  const cwd = await temporaryFolder(context)
  await writeFile(join(cwd, 'hello.wasm'), await hello.get())
  return cwd
}

async function deploy(cwd: string, name: string): Promise<Acknowledged> {
  await copyFile(join(cwd, 'hello.wasm'), join(cwd, `${name}.wasm`))
  const { code, json, stdout } = await wasmate(['deploy', `${name}.wasm`, '--wait', '--json'], { cwd })
  assert.equal(code, 0, stdout)
  const { pin, registered } = json[0] as {
    pin: { cid: string }
    registered: { registration: { version: number } }
  }
  return { name, cid: pin.cid, version: registered.registration.version }
}

async function devnetOf(cwd: string): Promise<ProcessIdentity | undefined> {
  const [child] = JSON.parse(
    await readFile(join(cwd, '.wasmate', 'children.json'), 'utf8'),
  ) as ProcessIdentity[]
  return child
}

async function assertAllThere(running: Running, cwd: string, acknowledged: Acknowledged[]): Promise<void> {
  await chainIs(running.state, 'ready')
  const { json } = await wasmate(['list', '--json'], { cwd })
  const { functions } = json[0] as {
    functions: { name: string; current: { cid: string; version: number } }[]
  }
  const kubo = create({ url: `${running.state.urls.kubo}/api/v0` })
  for (const { name, cid, version } of acknowledged) {
    const registered = functions.find((each) => each.name === name)
    assert.ok(registered, `${name} is registered`)
    assert.equal(registered.current.cid, cid)
    assert.ok(registered.current.version >= version)
    const pins: string[] = []
    for await (const pin of kubo.pin.ls({ paths: cid, type: 'recursive' })) pins.push(pin.cid.toString())
    assert.deepEqual(pins, [cid])
    const { stdout, stderr } = await wasmate(['invoke', name, '--input', 'again'], { cwd })
    assert.equal(stdout, 'Hello, again!', stderr)
  }
}

test('a killed emulator leaves no orphan, and the next start has all that was acknowledged', async (context) => {
  const cwd = await workspace(context)
  let running = await up({ cwd })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  const acknowledged = [await deploy(cwd, 'one'), await deploy(cwd, 'two')]
  const devnet = await devnetOf(cwd)
  assert.ok(devnet)
  await running.kill()
  while (await isRunning(devnet)) await new Promise((resolve) => setTimeout(resolve, 20))
  running = await up({ cwd })
  await assertAllThere(running, cwd, acknowledged)
})

test('killed at any moment of a stream of deployments, nothing acknowledged is lost', async (context) => {
  const cwd = await workspace(context)
  const acknowledged: Acknowledged[] = []
  for (const [round, delayMs] of [40, 130, 210, 330].entries()) {
    const running = await up({ cwd })
    await chainIs(running.state, 'ready')
    const deploying = Promise.allSettled(
      [0, 1, 2].map(async (each) => acknowledged.push(await deploy(cwd, `f${round}-${each}`))),
    )
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    await running.kill()
    await deploying
  }
  const running = await up({ cwd })
  undoAfter(context, () => running.stop())
  await assertAllThere(running, cwd, acknowledged)
})

test('a chain that is killed comes back by itself with all it had, and takes new registrations', async (context) => {
  const cwd = await workspace(context)
  const running = await up({ cwd })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  const before = await deploy(cwd, 'before')
  const blockBefore = await block(running, 'latest')
  const devnet = await devnetOf(cwd)
  process.kill(devnet?.pid ?? 0, 'SIGKILL')
  const during = await deploy(cwd, 'during')
  await assertAllThere(running, cwd, [before, during])
  assert.deepEqual(await block(running, { block_number: blockBefore.block_number }), blockBefore)
})

test('blocks keep their hashes and times over a restart', async (context) => {
  const cwd = await workspace(context)
  const first = await up({ cwd })
  await chainIs(first.state, 'ready')
  await deploy(cwd, 'one')
  const before = await block(first, 'latest')
  assert.equal(await first.stop(), 0)
  const second = await up({ cwd })
  undoAfter(context, () => second.stop())
  await chainIs(second.state, 'ready')
  assert.deepEqual(await block(second, 'latest'), before)
})

test('a damaged journal is refused with its place, and --repair keeps what is before the damage', async (context) => {
  const cwd = await workspace(context)
  let running = await up({ cwd })
  await chainIs(running.state, 'ready')
  await deploy(cwd, 'kept')
  await deploy(cwd, 'behind')
  await running.stop()
  const path = join(cwd, '.wasmate', 'chain', 'chain.journal')
  const lines = (await readFile(path, 'utf8')).split('\n')
  const last = lines.length - 2
  lines[last] = (lines[last] ?? '').replace(/.$/, 'x')
  await writeFile(path, lines.join('\n'))
  running = await up({ cwd })
  const failed = await chainIs(running.state, 'failed')
  assert.match(JSON.stringify(failed.chain.problem), new RegExp(`STATE_DAMAGED.*line ${last + 1}`))
  await running.stop()
  running = await up({ cwd, args: ['--repair'] })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  const { json } = await wasmate(['list', '--json'], { cwd })
  const { functions } = json[0] as { functions: { name: string }[] }
  assert.deepEqual(
    functions.map(({ name }) => name),
    ['kept'],
  )
})

interface Block {
  block_number: number
  block_hash: string
  timestamp: number
}

async function block({ state }: Running, id: unknown): Promise<Block> {
  const body = { jsonrpc: '2.0', id: 1, method: 'starknet_getBlockWithTxHashes', params: { block_id: id } }
  const response = await fetch(`${state.urls.rpc}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { result } = (await response.json()) as { result: Block }
  return result
}
