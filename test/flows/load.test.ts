// Loading by CID: what is there is not fetched again, and what the registry says of the bytes holds every time.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { Loader } from '../../src/flows/load.ts'
import { Runner } from '../../src/runner/runner.ts'
import { describeModule, makeModule } from '../helpers/follower.ts'
import { compileC } from '../helpers/plugins.ts'
import { defaultPool, defaultOptions as limits, workerUrl } from '../helpers/runner.ts'

const cid = 'bafkreih25dih6ug3xtj73vswccw423b56ilrwmnos4cbwhrceudopdp5sq'
const bytes = makeModule('loaded')
const expected = describeModule('loaded', bytes, cid)
const other = { sha256: '12'.repeat(32), size: bytes.length }

function makeLoader(
  context: TestContext,
  module: Uint8Array = bytes,
): { loader: Loader; fetches: () => number } {
  const runner = new Runner({ ...defaultPool, maxWorkers: 1, idleMs: 1, workerUrl, log: silentLog })
  context.after(() => runner.stop())
  let count = 0
  const fetch = async (): Promise<Uint8Array> => {
    count++
    return module
  }
  return { loader: new Loader({ runner, fetch }), fetches: () => count }
}

test('bytes are fetched once, however many ask for them at one time', async (context) => {
  const { loader, fetches } = makeLoader(context)
  await Promise.all([1, 2, 3].map(() => loader.load({ cid, limits, expected }, {})))
  await loader.load({ cid, limits }, {})
  assert.equal(fetches(), 1)
})

test('other bytes than the registered ones are not loaded', async (context) => {
  const { loader } = makeLoader(context)
  await assert.rejects(loader.load({ cid, limits, expected: other }, {}), { code: 'CONTENT_MISMATCH' })
  await assert.rejects(loader.load({ cid, limits, expected: { ...expected, size: 1 } }, {}), {
    code: 'CONTENT_MISMATCH',
  })
})

test('they are not for a name either that comes after somebody has loaded the CID', async (context) => {
  const { loader } = makeLoader(context)
  await loader.load({ cid, limits }, {})
  await assert.rejects(loader.load({ cid, limits, expected: other }, {}), { code: 'CONTENT_MISMATCH' })
  await loader.load({ cid, limits, expected }, {})
})

test('a name that was published without a hash is vouched for by its CID', async (context) => {
  const { loader } = makeLoader(context)
  await loader.load({ cid, limits, expected: { sha256: '', size: 0 } }, {})
})

test('what is over the limit of one who asks is loaded for another one at the same time', async (context) => {
  const module = await compileC('EXPORT(go) int go(void) { return 0; }', ['-Wl,--initial-memory=4194304'])
  const { loader } = makeLoader(context, module)
  const small = loader.load({ cid, limits: { ...limits, maxMemoryBytes: 1 << 20 } }, {})
  const large = loader.load({ cid, limits }, {})
  await assert.rejects(small, { code: 'MEMORY_LIMIT' })
  await large
})
