// Where a name can't be had as it is asked for: no emulator, no chain, another network, a policy, a wrong question.

import assert from 'node:assert/strict'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { attach } from '../../src/client/control.ts'
import { workspaceAt } from '../../src/workspace.ts'
import { devnetPath } from '../helpers/devnet.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { showError } from '../helpers/runner.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'
import { compare, place, startWork } from '../helpers/work.ts'
import { type Finished, up, wasmate } from '../helpers/wasmate.ts'

test('what is asked wrongly, or of what is not there, is told with its next step', async (context) => {
  const { cwd } = await startWork(context)
  const cases: [string[], number, RegExp][] = [
    [['log', 'nobody'], 1, /FUNCTION_NOT_FOUND.*nobody/],
    [['diff', 'nobody'], 1, /FUNCTION_NOT_FOUND.*nobody/],
    [['verify', 'nobody'], 1, /FUNCTION_NOT_FOUND.*nobody/],
    [['rollback', 'nobody', '1'], 1, /FUNCTION_NOT_FOUND.*nobody/],
    [['verify'], 1, /INPUT_INVALID.*wasmate\.lock names no function/],
    [['log', 'a b'], 1, /NAME_INVALID/],
    [['list', '--network', 'moon'], 1, /NETWORK_UNKNOWN.*moon/],
    [['rollback', 'nobody', 'x'], 2, /not a whole number/],
  ]
  for (const [args, code, expected] of cases) {
    const finished = await wasmate(args, { cwd })
    assert.equal(finished.code, code, args.join(' '))
    assert.match(finished.stderr, expected)
    if (code !== 2) assert.match(finished.stderr, /next: /)
  }
  const damaged = '\x1b[2J<<<<<<< HEAD\n'
  await writeFile(join(cwd, 'wasmate.lock'), damaged)
  for (const args of [
    ['deploy', 'hello'],
    ['verify', 'hello'],
    ['rollback', 'hello', '1'],
  ]) {
    const finished = await wasmate(args, { cwd })
    assert.match(finished.stderr, /LOCK_DAMAGED/)
    // What a file says moves nobody's cursor.
    assert.ok(!finished.stderr.includes('\x1b'))
  }
  assert.equal(await readFile(join(cwd, 'wasmate.lock'), 'utf8'), damaged)
  // Nothing was sent.
  assert.match((await wasmate(['log', 'hello'], { cwd })).stderr, /FUNCTION_NOT_FOUND/)
  const client = await attach(workspaceAt(cwd))
  const wrong = client.stream('change', { kind: 'yank', name: 'hello', version: 0 }, {})
  assert.match(await showError(wrong), /INPUT_INVALID: version/)
})

test('another network is read without an emulator', async (context) => {
  const { running, run, cwd: there } = await startWork(context)
  await run('deploy', 'hello')
  const { registry } = (await run('status', '--json')).json[0] as { registry: string }
  const { rpc, gateway } = running.state.urls
  const profile = { rpcUrl: `${rpc}/rpc`, registry, gateways: [gateway] }
  const setting = ['--set', `networks.profiles=${JSON.stringify({ far: profile })}`]
  const cwd = await temporaryFolder(context)
  const ask = (...args: string[]): Promise<Finished> =>
    wasmate([...args, '--network', 'far', ...setting], { cwd })
  const listed = await ask('list', '--json')
  assert.equal(listed.code, 0, listed.stderr + listed.stdout)
  assert.equal((listed.json[0]?.['functions'] as { name: string }[])[0]?.name, 'hello')
  const logged = await ask('log', 'hello', '--json')
  const own = await run('log', 'hello', '--json')
  assert.deepEqual(logged.json[0]?.['versions'], own.json[0]?.['versions'])
  const verified = await ask('verify', 'hello')
  assert.equal(verified.code, 0, verified.stdout + verified.stderr)
  assert.match(verified.stdout, /\nverified\n/)
  assert.match((await ask('verify', 'hello', '--attest')).stderr, /ACCOUNT_MISSING.*far/)
  assert.ok(there !== cwd)
})

test('a version that the policy does not let run is told by deploy and diff, and answers once it is attested', async (context) => {
  // The account that the emulator publishes with, of the default seed.
  const verifier = '0x34ba56f92265f0868c57d3fe72ecab144fc96f97954bbbc4252cef8e8a979ba'
  const policy = `networks.profiles=${JSON.stringify({ emulator: { verifiers: [verifier] } })}`
  const work = await startWork(context, [policy])
  const { cwd, run } = work
  const deployed = await wasmate(['deploy', 'hello'], { cwd })
  assert.equal(deployed.code, 1)
  assert.match(
    deployed.stderr,
    /NOT_ATTESTED.*hello v1 is registered, but: .*\n +next: .*verify NAME --attest/,
  )
  const compared = await compare(work)
  assert.equal(compared.same, false)
  assert.match(place(compared, 'served').why ?? '', /^registered but not served: NOT_ATTESTED: .*0x34ba56f9/)
  const called = await wasmate(['invoke', 'hello', '--input', 'now'], { cwd })
  assert.equal(called.code, 1)
  assert.match(called.stderr, /NOT_ATTESTED.*hello version 1 has 0 of 1 needed; missing: 0x34ba56f9/)
  await run('verify', 'hello', '--attest')
  await until(
    async () => (await wasmate(['invoke', 'hello', '--input', 'now'], { cwd })).stdout === 'Hello, now!',
  )
  await run('deploy', 'hello')
  assert.deepEqual((await compare(work)).code, 0)
})

test('while there is no chain, each says what it waits for, and diff what is known', async (context) => {
  const cwd = await temporaryFolder(context)
  const path = join(cwd, 'starknet-devnet')
  await writeFile(
    path,
    `#!/bin/sh\n[ "$1" = --version ] && exec '${await devnetPath()}' "$@"\nexec sleep 600\n`,
  )
  await chmod(path, 0o755)
  const running = await up({ cwd, devnet: path })
  undoAfter(context, () => running.stop())
  await wasmate(['new', 'hello'], { cwd })
  const deployed = await wasmate(['deploy', 'hello'], { cwd })
  assert.match(deployed.stdout, /pinned; registered as soon as the chain is there/)
  for (const args of [
    ['log', 'hello'],
    ['log', 'hello', '--watch'],
    ['verify', 'hello'],
    ['rollback', 'hello', '1'],
    ['list'],
  ]) {
    const { code, stderr } = await wasmate(args, { cwd })
    assert.equal(code, 3, args.join(' '))
    assert.match(stderr, /CHAIN_NOT_READY.*\n +next: Wait for it/)
  }
  const { code, stdout } = await wasmate(['diff', 'hello'], { cwd })
  assert.equal(code, 1)
  assert.match(stdout, /^pinned +same .*\n +pinned, waits for the chain$/m)
  assert.match(stdout, /^registered +unknown CHAIN_NOT_READY: .*\n +next: Wait for it/m)
})

test('without an emulator each says how to start one', async (context) => {
  const cwd = await temporaryFolder(context)
  for (const args of [
    ['log', 'hello'],
    ['diff', 'hello'],
    ['verify'],
    ['rollback', 'hello', '1'],
    ['list'],
  ]) {
    const { code, stderr } = await wasmate(args, { cwd })
    assert.equal(code, 1)
    assert.match(stderr, /EMULATOR_NOT_RUNNING.*\n +next: .*wasmate up/)
  }
})
