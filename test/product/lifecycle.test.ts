// Starting, finding, stopping: one emulator a workspace, nothing left behind.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { identify } from '../../src/base/process.ts'
import { devnetPath } from '../helpers/devnet.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { chainIs, cliPath, freePorts, readEmulatorFile, up, wasmate } from '../helpers/wasmate.ts'

test('the state file names every live URL and the registry, is private, and goes with the emulator', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd })
  await chainIs(running.state, 'ready')
  const file = await readEmulatorFile(cwd)
  const parts = ['control', 'functions', 'gateway', 'kubo', 'lassie', 'pinning', 'rpc']
  assert.deepEqual(Object.keys(file?.urls ?? {}).sort(), parts)
  assert.match(file?.registry ?? '', /^0x[0-9a-f]+$/)
  assert.equal((await stat(join(cwd, '.wasmate', 'emulator.json'))).mode & 0o077, 0)
  assert.equal(await readFile(join(cwd, '.wasmate', '.gitignore'), 'utf8'), '*\n')
  assert.equal(await running.stop(), 0)
  assert.equal(await readEmulatorFile(cwd), undefined)
  const left = await readdir(join(cwd, '.wasmate'))
  assert.ok(!left.includes('emulator.lock') && !left.includes('children.json'), left.join())
})

test('a Ctrl-C just when state is being written ends the emulator in order all the same', async (context) => {
  for (let turn = 0; turn < 4; turn++) {
    const running = await up({ cwd: await temporaryFolder(context) })
    await chainIs(running.state, 'ready')
    assert.equal(await running.stop(), 0, running.child.signalCode ?? '')
  }
})

test('up where one runs uses that one; down stops it; down again is no mistake', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd })
  undoAfter(context, () => running.stop())
  const second = await wasmate(['up', '--json'], { cwd })
  assert.equal(second.code, 0, second.stderr)
  assert.equal(second.json[0]?.['pid'], running.child.pid)
  const told = (await wasmate(['status'], { cwd })).stdout
  for (const url of Object.values(running.state.urls)) assert.ok(told.includes(url), `${url} in\n${told}`)
  const down = await wasmate(['down', '--json'], { cwd })
  assert.deepEqual(down.json, [{ stopped: true, pid: running.child.pid }])
  assert.deepEqual((await wasmate(['down', '--json'], { cwd })).json, [{ stopped: false }])
})

test('up --detach answers when it is up, and stays; why it does not come up is told', async (context) => {
  const cwd = await temporaryFolder(context)
  undoAfter(context, () => wasmate(['down'], { cwd }))
  const settings = [...freePorts, `devnet.path=${await devnetPath()}`].flatMap((set) => ['--set', set])
  const started = await wasmate(['up', '--detach', '--json', ...settings], { cwd })
  assert.equal(started.code, 0, started.stderr + started.stdout)
  const { pid } = started.json[0] as { pid: number }
  assert.ok(await identify(pid))
  assert.equal((await wasmate(['status', '--json'], { cwd })).json[0]?.['pid'], pid)
  await wasmate(['down'], { cwd })
  assert.equal(await identify(pid), undefined)

  await writeFile(join(cwd, '.wasmate', 'format.json'), '{"format":99}')
  const refused = await wasmate(['up', '--detach', '--json', ...settings], { cwd })
  assert.equal(refused.code, 1)
  assert.equal((refused.json[0]?.['error'] as { code: string }).code, 'STATE_NEWER')
})

test('a port that is taken is told with who holds it, and a free one is used', async (context) => {
  const cwd = await temporaryFolder(context)
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  undoAfter(context, () => holder.close())
  const { port } = holder.address() as AddressInfo
  const running = await up({ cwd, args: ['--set', `ports.functions=${port}`] })
  undoAfter(context, () => running.stop())
  assert.match(
    running.stderr(),
    new RegExp(`port ${port} is held by process ${process.pid}; using \\d+ instead`),
  )
  assert.notEqual(new URL(running.state.urls.functions).port, String(port))
  assert.equal((await fetch(`${running.state.urls.functions}/functions`)).status, 200)
})

test('asked without an emulator, a verb says so and how to start one', async (context) => {
  const cwd = await temporaryFolder(context)
  for (const verb of ['status', 'list']) {
    const { code, stderr } = await wasmate([verb], { cwd })
    assert.equal(code, 1)
    assert.match(stderr, /EMULATOR_NOT_RUNNING.*\n\s+next: .*wasmate up/)
  }
})

test('--reset begins a new chain and keeps the old one aside', async (context) => {
  const cwd = await temporaryFolder(context)
  let running = await up({ cwd })
  await chainIs(running.state, 'ready')
  await wasmate(['new', 'hello'], { cwd })
  await wasmate(['deploy', 'hello', '--wait'], { cwd })
  await running.stop()
  running = await up({ cwd, args: ['--reset'] })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  assert.deepEqual((await wasmate(['list', '--json'], { cwd })).json, [{ functions: [] }])
  assert.ok((await readdir(join(cwd, '.wasmate'))).some((name) => name.startsWith('chain.old-')))
})

test('a content node that another process runs takes the place of the own one by a setting', async (context) => {
  const [there, here] = [await temporaryFolder(context), await temporaryFolder(context)]
  const kubo = await up({ cwd: there })
  undoAfter(context, () => kubo.stop())
  const settings = [
    `content.kuboUrl=${kubo.state.urls.kubo}`,
    `content.gateways=["${kubo.state.urls.gateway}"]`,
  ]
  const running = await up({ cwd: here, args: settings.flatMap((set) => ['--set', set]) })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  await wasmate(['new', 'hello'], { cwd: here })
  const deployed = await wasmate(['deploy', 'hello', '--wait'], { cwd: here })
  assert.equal(deployed.code, 0, deployed.stderr)
  assert.equal(
    (await wasmate(['invoke', 'hello', '--input', 'there'], { cwd: here })).stdout,
    'Hello, there!',
  )
  assert.equal(running.state.urls.kubo, kubo.state.urls.kubo)
})

test('what a killed emulator left, or a damaged file, stands in nobody’s way', async (context) => {
  const cwd = await temporaryFolder(context)
  const other = await up({ cwd: await temporaryFolder(context) })
  undoAfter(context, () => other.stop())
  const killed = await up({ cwd })
  await killed.kill()
  const path = join(cwd, '.wasmate', 'emulator.json')
  // The ports of the dead one may be somebody else's by now.
  for (const left of [JSON.stringify({ ...killed.state, urls: other.state.urls }), '{"pid":']) {
    await writeFile(path, left)
    const asked = await wasmate(['status'], { cwd })
    assert.match(asked.stderr, /EMULATOR_NOT_RUNNING/)
    const running = await up({ cwd })
    assert.equal((await wasmate(['status', '--json'], { cwd })).json[0]?.['pid'], running.child.pid)
    await running.stop()
  }
})

test('a loop that is interrupted says so by its exit code, at whatever moment, and leaves nothing', async (context) => {
  const cwd = await temporaryFolder(context)
  for (const delayMs of [150, 250, 400, 900]) {
    const settings = [...freePorts, `devnet.path=${await devnetPath()}`].flatMap((set) => ['--set', set])
    const child = spawn(process.execPath, [cliPath, 'up', '--sample', 'hello', '--once', ...settings], {
      cwd,
    })
    const closed = once(child, 'close')
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    child.kill('SIGINT')
    const [code, signal] = (await closed) as [number | null, string | null]
    // Before the program runs at all, the signal ends it as it ends any other.
    assert.ok(code === 130 || signal === 'SIGINT', `after ${delayMs} ms: ${code} ${signal}`)
    assert.equal(await readEmulatorFile(cwd), undefined)
  }
})

test('nobody reading its output any more ends it, and leaves nothing', async (context) => {
  const cwd = await temporaryFolder(context)
  const settings = [...freePorts, `devnet.path=${await devnetPath()}`].flatMap((set) => ['--set', set])
  const child = spawn(process.execPath, [cliPath, 'up', '--sample', 'hello', '--watch', ...settings], { cwd })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  child.stderr.resume()
  await writeFile(join(cwd, 'hello', 'index.ts'), 'export function hello(): i32 { return 0 }\n')
  await once(child, 'close')
  assert.equal(await readEmulatorFile(cwd), undefined)
})

test('help that nobody reads is no crash', async () => {
  const child = spawn(process.execPath, [cliPath, '--help'])
  child.stdout.destroy()
  const said = text(child.stderr)
  await once(child, 'close')
  assert.equal(await said, '')
})

test(
  'what can not be written, as on a full disk, is told, and no success',
  { skip: !existsSync('/dev/full') },
  async (context) => {
    const cwd = await temporaryFolder(context)
    const full = await open('/dev/full', 'w')
    undoAfter(context, () => full.close())
    for (const args of [['--help'], ['new', 'hello', '--json']]) {
      const child = spawn(process.execPath, [cliPath, ...args], { cwd, stdio: ['ignore', full.fd, 'pipe'] })
      const said = child.stderr && text(child.stderr)
      assert.deepEqual(await once(child, 'close'), [3, null])
      assert.match((await said) ?? '', /not all of it could be written: ENOSPC/)
    }
  },
)

test('an emulator that does not answer is ended by down', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd })
  running.child.kill('SIGSTOP')
  const down = await wasmate(['down', '--json'], { cwd })
  assert.deepEqual(down.json, [{ stopped: true, pid: running.child.pid }])
})
