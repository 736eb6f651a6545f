// What an editor learns of a running emulator: how far each function has come, what calls came to, what changes.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { ControlClient } from '../../src/client/control.ts'
import type { Change } from '../../src/client/messages.ts'
import type { FunctionOverview } from '../../src/flows/overview.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { until } from '../helpers/until.ts'
import { type Running, chainIs, up, wasmate } from '../helpers/wasmate.ts'

suite('a running emulator seen from an editor', { timeout: 180_000 }, () => {
  let cwd: string
  let running: Running
  let client: ControlClient
  let entry: string

  const start = async (): Promise<void> => {
    running = await up({ cwd })
    client = new ControlClient(running.state)
    await chainIs(running.state, 'ready')
  }

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    await wasmate(['new', 'hello'], { cwd })
    await start()
    entry = (await hello()).entry
  })
  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const hello = async (): Promise<FunctionOverview> => {
    const [found] = await client.stream('overview', {}, {})
    assert.ok(found)
    return found
  }
  const invoke = (target: string, input: string, name?: string): ReturnType<typeof client.stream<'invoke'>> =>
    client.stream('invoke', { target, export: name, base64: Buffer.from(input).toString('base64') }, {})
  const textOf = (kept: { base64: string } | undefined): string =>
    Buffer.from(kept?.base64 ?? '', 'base64').toString()

  test('a function goes from not built to in step, and each state says why', async () => {
    assert.deepEqual([(await hello()).standing, (await hello()).exports], ['not-built', []])
    const built = await client.stream('build', { path: join(cwd, 'hello') }, {})
    assert.equal(built.name, 'hello')
    const after = await hello()
    assert.equal(after.standing, 'not-pinned')
    assert.equal(after.local?.cid, built.cid)
    assert.deepEqual(after.exports, built.exports)
    const deployed = await client.stream('deploy', { path: join(cwd, 'hello'), wait: true }, {})
    assert.equal(deployed.pin.cid, built.cid)
    const done = await hello()
    assert.deepEqual([done.standing, done.pinned], ['in-step', true])
    assert.deepEqual(
      [done.registered, done.served],
      [
        { cid: built.cid, version: 1 },
        { cid: built.cid, version: 1 },
      ],
    )
  })

  test('a change on disk shows, also one that does not compile, with its place', async () => {
    const source = await readFile(entry, 'utf8')
    await writeFile(entry, `${source}\nexport function more(): i32 { return 0 }\n`)
    assert.equal((await hello()).standing, 'changed')
    await writeFile(entry, `${source}\nexport function broken(): i32 { return "text" }\n`)
    await assert.rejects(client.stream('build', { path: join(cwd, 'hello') }, {}), (error: unknown) => {
      const { code, diagnostics } = error as { code: string; diagnostics: { file: string; line: number }[] }
      assert.equal(code, 'BUILD_FAILED')
      assert.equal(diagnostics[0]?.line, source.split('\n').length + 1)
      return true
    })
    const failed = await hello()
    assert.equal(failed.standing, 'failed')
    assert.equal(failed.problem?.diagnostics?.length, 1)
    // What was there before answers on.
    assert.equal(failed.served?.version, 1)
    await writeFile(entry, source)
    await client.stream('build', { path: join(cwd, 'hello') }, {})
    assert.equal((await hello()).standing, 'in-step')
  })

  test('calls are kept, newest first, with what they came to, and over a restart', async () => {
    const good = await invoke('hello', 'world')
    assert.deepEqual([textOf(good.output), good.version, good.via], ['Hello, world!', 1, 'editor'])
    const bad = await invoke('hello', 'x', 'nothing')
    assert.equal(bad.problem?.code, 'EXPORT_NOT_FOUND')
    await fetch(`${running.state.urls.functions}/functions/hello`, { method: 'POST', body: 'http' })
    const kept = await client.stream('history', { limit: 10 }, {})
    assert.deepEqual(
      kept.map(({ via, input, problem }) => [via, textOf(input), problem?.code]),
      [
        ['http', 'http', undefined],
        ['editor', 'x', 'EXPORT_NOT_FOUND'],
        ['editor', 'world', undefined],
      ],
    )
    await running.stop()
    await start()
    const again = await client.stream('history', { limit: 10 }, {})
    assert.deepEqual(again, kept)
    assert.equal((await hello()).standing, 'in-step')
    await client.stream('clear', {}, {})
    assert.deepEqual(await client.stream('history', { limit: 10 }, {}), [])
  })

  test('who watches is told of calls, of functions and of the registry', async () => {
    const told: Change[] = []
    const ending = new AbortController()
    const watching = client.stream(
      'changes',
      {},
      { signal: ending.signal, step: (change) => told.push(change) },
    )
    // The first word may come before anybody listens: calls go on until one is heard.
    await until(async () => {
      await invoke('hello', 'again')
      return told.some((change) => change.kind === 'invocation' && change.record.target === 'hello')
    })
    await writeFile(entry, (await readFile(entry, 'utf8')).replace('Hello', 'Good day'))
    await client.stream('deploy', { path: join(cwd, 'hello'), wait: true }, {})
    await until(async () =>
      ['functions', 'registry'].every((kind) => told.some((change) => change.kind === kind)),
    )
    ending.abort()
    await assert.rejects(watching, { code: 'CANCELLED' })
  })

  test('accounts tell their balance and which of them signs', async () => {
    const [account] = await client.stream('accounts', {}, {})
    assert.match(account?.address ?? '', /^0x[0-9a-f]+$/)
    assert.equal(account?.signs, true)
    assert.ok(BigInt(account?.balance ?? 0) > 0n)
  })
})

test(
  'an emulator that is leased ends when the last editor has gone, however it went',
  { timeout: 60_000 },
  async (t) => {
    const cwd = await temporaryFolder(t)
    const running = await up({ cwd, args: ['--leased'] })
    t.after(() => running.stop())
    const client = new ControlClient(running.state)
    const [first, second] = [new AbortController(), new AbortController()]
    const watching = [first, second].map(({ signal }) => client.stream('changes', {}, { signal }))
    const gone = Promise.allSettled(watching)
    await chainIs(running.state, 'ready')
    first.abort()
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    assert.equal(running.child.exitCode, null, 'one editor is left')
    second.abort()
    await gone
    await until(async () => running.child.exitCode !== null)
    assert.equal(running.child.exitCode, 0)
  },
)
