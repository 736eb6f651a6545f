// What the plan of a deployment to a network says of the calls that an emulator of the workspace has recorded.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { signingAs, startNetwork, takeSeat } from '../../helpers/network.ts'
import { assertNowhere } from '../../helpers/secrets.ts'
import { undoAfter } from '../../helpers/undo.ts'
import { type Finished, chainIs, up, wasmate } from '../../helpers/wasmate.ts'

const paid = ['--network', 'far', '--yes', '--max-fee', '5']

const source = (greeting: string): string => `import { Host } from '@extism/as-pdk'
export function hello(): i32 {
  const name = Host.inputString()
  Host.outputString(name == 'Bob' ? name : '${greeting}, ' + name + ' at ' + Date.now().toString())
  return 0
}
`

const replayedIn = ({ json, stdout, stderr }: Finished): Record<string, unknown> | undefined => {
  assert.equal(json.at(-1)?.['state'], 'registered', stdout + stderr)
  const { plan } = json[0] as { plan: { change: { replayed?: Record<string, unknown> } } }
  return plan.change.replayed
}

test('the recorded calls are replayed on the new build before anything is sent', async (t) => {
  const network = await startNetwork(t)
  const seat = await takeSeat(t, network)
  const { cwd } = seat
  const key = signingAs(network.chain)
  const deploy = (...more: string[]): Promise<Finished> =>
    seat.run(['deploy', 'hello', ...paid, ...more], key)
  const write = (greeting: string): Promise<void> => writeFile(join(cwd, 'hello/index.ts'), source(greeting))
  await seat.run(['new', 'hello'])
  await write('Hello')
  const running = await up({ cwd })
  undoAfter(t, async () => void (await running.stop()))
  await chainIs(running.state, 'ready')
  assert.equal((await wasmate(['deploy', 'hello'], { cwd })).code, 0)

  assert.equal(replayedIn(await deploy()), undefined, 'nothing was called yet')

  const receipts: unknown[] = []
  for (const input of ['Ada', 'Bob', 'Eve']) {
    const { json, stdout } = await wasmate(['invoke', 'hello', '--input', input, '--json'], { cwd })
    assert.ok(json[0]?.['receipt'], stdout)
    receipts.push(json[0]['receipt'])
  }
  await write('Hi')
  const changed = replayedIn(await deploy())
  const { first, ...counts } = changed as { first: { receipt: string; difference: string } }
  assert.deepEqual(counts, { same: 1, changed: 2, skipped: 0 })
  assert.equal(first.receipt, receipts[2])
  assert.match(first.difference, /^-Hello, Eve at (\d+)\n\+Hi, Eve at \1$/)

  await writeFile(join(cwd, 'hello/index.ts'), `${source('Hello')}export function more(): i32 { return 1 }\n`)
  assert.deepEqual(replayedIn(await deploy()), { same: 3, changed: 0, skipped: 0 })

  await write('Good day')
  const told = await wasmate(['deploy', 'hello', ...paid, ...seat.settings()], {
    cwd,
    env: { ...seat.env, ...key },
  })
  assert.equal(told.code, 0, told.stderr)
  assert.match(
    told.stderr,
    /^ {2}replayed {2}2 of 3 recorded calls differ; the newest, baguq\w+:\n {14}-Hello, Eve/m,
  )

  // The emulator ran beside all of it, and has built, replayed and pinned.
  const processes = [running.state.pid]
  await assertNowhere([key['WASMATE_PRIVATE_KEY'] ?? ''], {
    ...{ texts: [...seat.printed, told.stderr, running.stderr()], folders: [cwd, seat.home], processes },
  })

  await write('Good night')
  const other = replayedIn(await deploy('--set', 'content.profile=unixfs-v0-2015'))
  assert.deepEqual([other?.['same'], other?.['changed']], [1, 2], 'its bytes count, not how they are pinned')

  // A network without gateways is fetched from the emulator's, when it is deployed to and when it is verified.
  seat.profile['gateways'] = undefined
  const verified = await seat.run(['verify', 'hello', '--network', 'far'])
  assert.equal(verified.json.at(-1)?.['verified'], true, verified.stdout)
})
