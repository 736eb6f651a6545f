// A chain that holds its answers back: whoever asks may leave, and nothing is lost by it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'
import { startWork } from '../helpers/work.ts'
import { start, wasmate } from '../helpers/wasmate.ts'

async function devnetPid(cwd: string): Promise<number> {
  const children = await readFile(join(cwd, '.wasmate', 'children.json'), 'utf8')
  const found = /"pid":\s*(\d+)/.exec(children)?.[1]
  assert.ok(found, children)
  return Number(found)
}

test('while the chain is paused every verb can be left with Ctrl-C, and what was deployed follows', async (context) => {
  const { cwd, run, edit } = await startWork(context)
  await run('deploy', 'hello')
  const pid = await devnetPid(cwd)
  process.kill(pid, 'SIGSTOP')
  undoAfter(context, async () => void process.kill(pid, 'SIGCONT'))
  await edit('Later')
  const verbs = [['diff'], ['log'], ['log', '--watch'], ['verify'], ['rollback', '1'], ['deploy']].map(
    ([verb = '', ...rest]) => start([verb, 'hello', ...rest], cwd),
  )
  const asked = [...verbs, start(['list'], cwd)]
  await until(async () => ((await run('status', '--json')).json[0]?.['pending'] as string[]).length === 1)
  await until(async () =>
    /ready: waiting for the chain, which does not answer/.test((await run('status')).stdout),
  )
  for (const { child } of asked) child.kill('SIGINT')
  const codes = await Promise.all(asked.map(({ exitCode }) => exitCode))
  assert.deepEqual(codes, [130, 130, 0, 130, 130, 130, 130], asked.map(({ stderr }) => stderr()).join('\n'))
  process.kill(pid, 'SIGCONT')
  await until(
    async () => (await wasmate(['invoke', 'hello', '--input', 'you'], { cwd })).stdout === 'Later, you!',
  )
  assert.equal(((await run('log', 'hello', '--json')).json[0]?.['versions'] as unknown[]).length, 2)
  await until(async () => /^chain +ready$/m.test((await run('status')).stdout))
})

test('an RPC elsewhere that never answers can be left with Ctrl-C', async (context) => {
  const cwd = await temporaryFolder(context)
  let askedFor = 0
  const silent: Server = createServer(() => void askedFor++).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  undoAfter(context, async () => {
    silent.close()
    silent.closeAllConnections()
  })
  const rpcUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const setting = `networks.profiles=${JSON.stringify({ far: { rpcUrl, registry: '0x1' } })}`
  const verbs = [['list'], ['log', 'hello'], ['verify', 'hello'], ['log', 'hello', '--watch']]
  const asked = verbs.map((verb) => start([...verb, '--network', 'far', '--set', setting], cwd))
  await until(async () => askedFor >= 2 * verbs.length)
  for (const { child } of asked) child.kill('SIGINT')
  const codes = await Promise.all(asked.map(({ exitCode }) => exitCode))
  assert.deepEqual(codes, [130, 130, 130, 0], asked.map(({ stderr }) => stderr()).join('\n'))
})
