// Ten thousand events at once: read page by page, only the last version of each name loaded, the table rarely written.

import assert from 'node:assert/strict'
import { watch } from 'node:fs'
import { test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { Runner } from '../../src/runner/runner.ts'
import { startChain } from '../helpers/chain.ts'
import { startGateway, startNode } from '../helpers/content.ts'
import { deployContract, newRegistry } from '../helpers/contract.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { pinModule, startFollower } from '../helpers/follower.ts'
import { publishMany } from '../helpers/many.ts'
import { defaultPool, workerUrl } from '../helpers/runner.ts'
import { undoAfter } from '../helpers/undo.ts'
import { until } from '../helpers/until.ts'

const names = 500
const versions = 20

test('10,000 events are caught up in one go', { timeout: 300_000 }, async (context) => {
  const chain = await startChain()
  undoAfter(context, () => chain.stop())
  const { address, provider } = await deployContract(chain)
  const node = await startNode(context)
  const runner = new Runner({ ...defaultPool, maxWorkers: 1, idleMs: 1_000, workerUrl, log: silentLog })
  context.after(() => runner.stop())
  const last = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => (await pinModule(node, '', `last ${index}`)).cid),
  )
  // Nobody has the others: to load one would fail.
  const cidOf = (name: number, version: number): string =>
    (version === versions ? last[name % 10] : undefined) ??
    `bafkreih25dih6ug3xtj73vswccw423b56ilrwmnos4cbwhr${version}`
  const from = performance.now()
  await publishMany({ chain, address, provider }, { names, versions, cidOf })
  context.diagnostic(`published in ${Math.round(performance.now() - from)} ms`)

  const folder = await temporaryFolder(context)
  const gateway = await startGateway(context, node)
  let writes = 0
  const watcher = watch(folder, (_event, file) => {
    if (file === 'served.json') writes++
  })
  undoAfter(context, () => watcher.close())
  const parts = { endpoints: chain, address, registry: newRegistry(chain), runner, gateway, folder }
  const [memory, began] = [process.memoryUsage.rss(), performance.now()]
  const following = await startFollower(context, parts)
  await until(async () => following.served.list().length === names, 'all names')
  const grown = Math.round((process.memoryUsage.rss() - memory) / 1024 / 1024)
  context.diagnostic(`caught up and loaded in ${Math.round(performance.now() - began)} ms, ${grown} MiB more`)

  assert.ok(following.served.list().every(({ version }) => version === versions))
  assert.deepEqual(following.served.problems(), [])
  assert.deepEqual(following.fetched.toSorted(), last.toSorted())
  assert.deepEqual(following.messages, [])
  const said = following.progress.map((progress) => progress?.doing)
  assert.match(said[0] ?? '', /^reading events of block \d+ of \d+$/)
  assert.equal(said.length, 10)
  assert.equal(said.at(-1), undefined)
  await following.stop()
  context.diagnostic(`${writes} writes`)
  assert.ok(writes < 100, `${writes} writes`)
})
