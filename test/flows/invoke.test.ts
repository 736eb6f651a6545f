// A call from its name or CID to its answer, where others are in its way.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { type InvokeStages, invoke } from '../../src/flows/invoke.ts'
import { Loader } from '../../src/flows/load.ts'
import type { FunctionOptions } from '../../src/model.ts'
import { Runner } from '../../src/runner/runner.ts'
import { makeModule } from '../helpers/follower.ts'
import { defaultOptions, defaultPool, workerUrl } from '../helpers/runner.ts'

const cid = 'bafkreih25dih6ug3xtj73vswccw423b56ilrwmnos4cbwhrceudopdp5sq'
const input = new Uint8Array()

interface World {
  stages: InvokeStages
  runner: Runner
  /** Lets fetches end; until then they hang. */
  deliver: () => void
  fetches: () => number
}

function makeWorld(
  t: TestContext,
  {
    bytes = makeModule('called'),
    options = {},
  }: { bytes?: Uint8Array; options?: Partial<FunctionOptions> } = {},
): World {
  const runner = new Runner({ ...defaultPool, workerUrl, log: silentLog })
  t.after(() => runner.stop())
  let count = 0
  let deliver: () => void = () => undefined
  const delivered = new Promise<void>((resolve) => (deliver = resolve))
  const fetch = async (): Promise<Uint8Array> => {
    count++
    await delivered
    return bytes
  }
  const stages: InvokeStages = {
    served: {
      answering: () => undefined,
      callOptions: () => ({ options: { ...defaultOptions, ...options } }),
      problem: () => undefined,
    },
    allow: async () => undefined,
    loader: new Loader({ runner, fetch }),
    runner,
    isPending: () => false,
  }
  return { stages, runner, deliver, fetches: () => count }
}

test('a module that made room for others between its load and its call is loaded again', async (t) => {
  const { stages, runner, deliver, fetches } = makeWorld(t)
  deliver()
  const { loader } = stages
  let turn = 0
  stages.loader = {
    load: async (request, context) => {
      await loader.load(request, context)
      if (turn++ > 0) return
      // As many as are kept.
      for (let index = 0; index < 1_000; index++) {
        await runner.load(`other ${index}`, makeModule(`other ${index}`), defaultOptions)
      }
    },
  }
  const { export: called } = await invoke({ target: cid, input }, stages, {})
  assert.equal(called, 'f')
  assert.equal(fetches(), 2)
})

test('a client that goes away while its module is fetched fails nobody who waits for the same', async (t) => {
  const { stages, deliver, fetches } = makeWorld(t)
  const going = new AbortController()
  const left = invoke({ target: cid, input }, stages, { signal: going.signal })
  const stays = invoke({ target: cid, input }, stages, { signal: new AbortController().signal })
  going.abort()
  await assert.rejects(left, { code: 'CANCELLED' })
  deliver()
  assert.equal((await stays).export, 'f')
  assert.equal(fetches(), 1)
})
