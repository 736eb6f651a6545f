// Replays of calls by name, on the real chain: a new build beside them, which version first gave an answer, and a Kubo
// elsewhere that keeps the receipts.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers/folder.ts'
import { undoAfter } from '../helpers/undo.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { up, wasmate } from '../helpers/wasmate.ts'
import { startWork } from '../helpers/work.ts'

const busy = `import { Host } from '@extism/as-pdk'
export function hello(): i32 {
  let sum: i64 = 0
  for (let i: i64 = 0; i < 800000000; i++) sum = (sum * 31 + i) ^ (sum >> 3)
  Host.outputString(sum.toString())
  return 0
}
`

test('what calls by name come to on a new build is shown, and which version first gave an answer is found', async (context) => {
  const { cwd, run, edit } = await startWork(context)
  for (const greeting of ['Hello', 'Good day', 'Good night']) {
    await edit(greeting)
    await run('deploy', 'hello')
  }
  const called = await run('invoke', 'hello', '--input', 'Ada', '--json')
  const receipt = String(called.json[0]?.['receipt'])

  const same = await run('replay', '--against', 'hello', '--json')
  assert.deepEqual([same.code, same.json[0]?.['same'], same.json[0]?.['changed']], [0, 1, 0])
  await edit('Good morning')
  const other = await wasmate(['replay', '--against', 'hello'], { cwd })
  assert.equal(other.code, 1)
  assert.match(other.stdout, /-Good night, Ada!\n.*\+Good morning, Ada!/s)

  const found = await run('replay', receipt, '--bisect', '--json')
  const { first, tried } = found.json[0] as {
    first: { version: number }
    tried: { version: number; why?: string }[]
  }
  assert.equal(first.version, 3)
  assert.ok(tried.some(({ version, why }) => version === 2 && why !== undefined))
  assert.match((await run('replay', receipt, '--bisect')).stdout, /v3/)
})

test('without a receipt the last calls are listed, newest first, each with what it is replayed by', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd, devnet: join(cwd, 'no-devnet') })
  undoAfter(context, () => running.stop())
  const run = (...args: string[]): ReturnType<typeof wasmate> => wasmate(['replay', ...args], { cwd })
  assert.deepEqual([(await run()).stdout, (await run()).code], ['', 0])
  await wasmate(['new', 'hello'], { cwd })
  const { json } = await wasmate(['deploy', 'hello', '--json'], { cwd })
  const { cid } = (json[0] as { pin: { cid: string } }).pin
  const receipts: unknown[] = []
  for (const input of ['Ada', 'Grace', 'Joan']) {
    const called = await wasmate(['invoke', cid, '--input', input, '--json'], { cwd })
    receipts.unshift(called.json[0]?.['receipt'])
  }
  const two = await run('--last', '2', '--json')
  assert.deepEqual(
    two.json.map(({ receipt }) => receipt),
    receipts.slice(0, 2),
  )
  const [number = '', ...facts] = (await run('--last', '1')).stdout.trim().split('  ')
  assert.equal(facts.at(-1), receipts[0])
  assert.equal((await run(number, '--json')).json[0]?.['receipt'], receipts[0])
  // What was asked for may be anything: it makes no line of its own.
  const asked = encodeURIComponent('nobody\n99  today  hello v9 run  5 B')
  await fetch(`${running.state.urls.functions}/functions/${asked}`, { method: 'POST', body: 'Ada' })
  const lines = (await run('--last', '1')).stdout.trimEnd().split('\n')
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /nobody 99 {2}today .* no receipt$/)
  for (const option of ['--fuel', '--bisect']) assert.equal((await run(option)).code, 1)
})

test('while a long call is made or replayed, or its instructions are counted, the terminal says so', async (context) => {
  const cwd = await temporaryFolder(context)
  const running = await up({ cwd, devnet: join(cwd, 'no-devnet') })
  undoAfter(context, () => running.stop())
  await wasmate(['new', 'busy'], { cwd })
  await writeFile(join(cwd, 'busy/index.ts'), busy)
  const { json } = await wasmate(['deploy', 'busy', '--json'], { cwd })
  const { cid } = (json[0] as { pin: { cid: string } }).pin
  const calling = openTerminal(context, ['invoke', cid], { cwd })
  await calling.sees(`calling ${cid}`)
  assert.equal((await calling.end()).code, 0)
  const replaying = openTerminal(context, ['replay', '1', '--fuel'], { cwd })
  await replaying.sees(`replaying ${cid}`)
  await replaying.sees(`counting the instructions of ${cid}`)
  await replaying.sees('the same')
  assert.equal((await replaying.end()).code, 0)
})

test('with a Kubo elsewhere receipts are kept there, and replay from there', async (context) => {
  const [near, far] = [await temporaryFolder(context), await temporaryFolder(context)]
  const devnet = join(near, 'no-devnet')
  const kubo = await up({ cwd: far, devnet })
  undoAfter(context, () => kubo.stop())
  const running = await up({ cwd: near, devnet, args: ['--set', `content.kuboUrl=${kubo.state.urls.kubo}`] })
  undoAfter(context, () => running.stop())
  await wasmate(['new', 'hello'], { cwd: near })
  const { json } = await wasmate(['deploy', 'hello', '--json'], { cwd: near })
  const { cid } = (json[0] as { pin: { cid: string } }).pin
  const called = await fetch(`${running.state.urls.functions}/functions/${cid}`, {
    ...{ method: 'POST', body: 'Ada', headers: { 'wasmate-receipt': 'required' } },
  })
  const receipt = called.headers.get('wasmate-receipt') ?? ''
  const there = await fetch(`${kubo.state.urls.kubo}/api/v0/block/stat?arg=${receipt}&offline=true`, {
    method: 'POST',
  })
  assert.equal(there.status, 200)
  const replayed = await wasmate(['replay', receipt, '--json'], { cwd: near })
  assert.equal(replayed.json[0]?.['same'], true)
})
