// While the chain is still on its way everything that needs none works; what was deployed is registered by itself.

import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { devnetPath } from '../helpers/devnet.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { type Running, chainIs, status, up, wasmate } from '../helpers/wasmate.ts'

/** A starknet-devnet that begins only when a file is there. */
async function lateDevnet(folder: string): Promise<{ path: string; begin(): Promise<void> }> {
  const [path, sign] = [join(folder, 'starknet-devnet'), join(folder, 'begin')]
  const real = await devnetPath()
  const wait = `while [ ! -f '${sign}' ]; do sleep 0.05; done`
  await writeFile(path, `#!/bin/sh\n[ "$1" = --version ] || ${wait}\nexec '${real}' "$@"\n`)
  await chmod(path, 0o755)
  return { path, begin: () => writeFile(sign, '') }
}

async function startWithoutChain(
  context: TestContext,
): Promise<{ cwd: string; running: Running; begin(): Promise<void> }> {
  const cwd = await temporaryFolder(context)
  const { path, begin } = await lateDevnet(cwd)
  const running = await up({ cwd, devnet: path })
  undoAfter(context, () => running.stop())
  await wasmate(['new', 'hello'], { cwd })
  return { cwd, running, begin }
}

test('without a chain a function is built, pinned and called by its CID; by name it says what it waits for', async (context) => {
  const { cwd } = await startWithoutChain(context)
  const { code, json } = await wasmate(['deploy', 'hello', '--json'], { cwd })
  assert.equal(code, 0)
  const { pin, registered } = json[0] as { pin: { cid: string }; registered: { state: string } }
  assert.equal(registered.state, 'pending')
  const byCid = await wasmate(['invoke', pin.cid, '--input', 'early'], { cwd })
  assert.equal(byCid.stdout, 'Hello, early!')
  const byName = await wasmate(['invoke', 'hello'], { cwd })
  assert.equal(byName.code, 3)
  assert.match(byName.stderr, /CHAIN_NOT_READY.*hello is pinned and waits to be registered/)
})

test('what was deployed before the chain was there is registered when it comes, in order', async (context) => {
  const { cwd, running, begin } = await startWithoutChain(context)
  await wasmate(['deploy', 'hello'], { cwd })
  await wasmate(['new', 'second'], { cwd })
  await wasmate(['deploy', 'second'], { cwd })
  assert.deepEqual((await status(running.state)).pending, ['hello', 'second'])
  await begin()
  await chainIs(running.state, 'ready')
  while ((await status(running.state)).serving < 2) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal((await wasmate(['invoke', 'hello', '--input', 'now'], { cwd })).stdout, 'Hello, now!')
  assert.deepEqual((await status(running.state)).pending, [])
})

test('what waits for the chain outlives a killed emulator', async (context) => {
  const cwd = await temporaryFolder(context)
  const { path, begin } = await lateDevnet(cwd)
  const killed = await up({ cwd, devnet: path })
  await wasmate(['new', 'hello'], { cwd })
  await wasmate(['deploy', 'hello'], { cwd })
  await killed.kill()
  await begin()
  const running = await up({ cwd, devnet: path })
  undoAfter(context, () => running.stop())
  await chainIs(running.state, 'ready')
  while ((await status(running.state)).serving < 1) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal((await wasmate(['invoke', 'hello', '--input', 'still'], { cwd })).stdout, 'Hello, still!')
})

test('a chain that can not be had is told with every place it was sought in, and up --once exits with 3', async (context) => {
  const cwd = await temporaryFolder(context)
  const away = 'http://127.0.0.1:9/tags'
  const set = [
    'devnet.build=false',
    `devnet.releaseUrl=${away}`,
    'ports.functions=0',
    'ports.rpc=0',
    'ports.kubo=0',
    'ports.gateway=0',
    'ports.control=0',
  ]
  const env = { PATH: '/usr/bin:/bin', XDG_CACHE_HOME: join(cwd, 'cache'), HOME: cwd }
  const args = ['up', '--sample', 'hello', '--once', ...set.flatMap((each) => ['--set', each])]
  const { code, stdout, stderr } = await wasmate(args, { cwd, env })
  assert.equal(code, 3)
  assert.match(stdout, /Hello, wasmate!/)
  assert.match(stderr, /error DEVNET_MISSING:.*path.*cache.*release/s)
  assert.match(stderr, /next: .*devnet\.path/)
})

test('a devnet that ends at once is told with its last words', async (context) => {
  const cwd = await temporaryFolder(context)
  const path = join(cwd, 'starknet-devnet')
  await writeFile(
    path,
    '#!/bin/sh\n[ "$1" = --version ] && exec echo starknet-devnet 0.10.1\necho no room >&2; exit 9\n',
  )
  await chmod(path, 0o755)
  const running = await up({ cwd, devnet: path })
  undoAfter(context, () => running.stop())
  for (;;) {
    const { chain } = await status(running.state)
    if (chain.state !== 'failed') continue
    assert.equal(chain.problem?.code, 'DEVNET_EXITED')
    assert.match(chain.problem?.detail ?? '', /no room/)
    return
  }
})
