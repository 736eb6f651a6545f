// Recorded calls on another version of their function: what changed, and which version first gave an answer.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { CID } from 'multiformats/cid'
import { WasmateError } from '../../../src/base/errors.ts'
import { cidOfFile } from '../../../src/content/import.ts'
import { type AgainstReport, replayAgainst } from '../../../src/flows/replay/against.ts'
import { bisect } from '../../../src/flows/replay/bisect.ts'
import { leaveReceipt } from '../../../src/flows/replay/leave.ts'
import { type ReplayStages, replay } from '../../../src/flows/replay/replay.ts'
import { CallError } from '../../../src/runner/runner.ts'
import type { Receipt } from '../../../src/trace/receipts/receipt.ts'
import { compileAssemblyScript } from '../../helpers/plugins.ts'
import { type TestRunner, defaultOptions, startRunner } from '../../helpers/runner.ts'

const version = (said: string, more = ''): Promise<Uint8Array> =>
  compileAssemblyScript(`
import { Config, Host, Var } from '@extism/as-pdk'
function deep(n: i32): i32 { return n == 0 ? 0 : deep(n + 1) + deep(n - 1) }
function set(key: string, value: string): void { Var.set(key, Uint8Array.wrap(String.UTF8.encode(value))) }
export function run(): i32 {
  const name = Host.inputString()
  ${more}
  if (name == 'bad') unreachable()
  Host.outputString('{"name":"' + name + '","said":"${said}"}')
  return 0
}
`)

const old = await version('hello')
const cidOf = (bytes: Uint8Array): Promise<string> => cidOfFile(bytes, 'unixfs-v1-2025')

/** Receipts of calls of `bytes`, by names that the stages know them by. */
async function leave(
  t: TestContext,
  bytes: Uint8Array,
  inputs: string[],
  given: Partial<typeof defaultOptions> = {},
): Promise<{ stages: ReplayStages; receipts: Map<string, Receipt>; started: TestRunner }> {
  const cid = await cidOf(bytes)
  const options = { ...defaultOptions, ...given }
  const started = await startRunner(t, { [cid]: bytes })
  const { runner, invoke } = started
  const receipts = new Map<string, Receipt>()
  for (const text of inputs) {
    const input = Buffer.from(text)
    const call = await invoke({ cid, function: 'greet', input, options, record: true }).then(
      (answer) => ({ ...answer, outcome: { output: answer.output } }),
      (error: CallError) => ({
        ...error.call,
        outcome: { problem: { code: error.code, detail: error.detail ?? '' } },
      }),
    )
    const { recording, logs, durationMs, outcome } = call
    assert.ok(recording)
    const execution = {
      ...{ function: 'greet', version: 3, cid, export: 'run', at: Date.now(), input },
      ...{ options, recording, logs, durationMs, outcome },
    }
    const replays = { bytesOf: () => bytes, run: runner.replays.run.bind(runner.replays) }
    receipts.set(text, await leaveReceipt(execution, replays, { maxBytes: 1 << 20, countedMs: 50 }, {}))
  }
  const stages: ReplayStages = {
    receipt: async (name) => {
      const found = receipts.get(name)
      if (!found) throw new WasmateError('RECEIPT_NOT_FOUND', name)
      return found
    },
    module: async () => bytes,
    run: (call, context) => runner.replays.run(call, context),
  }
  return { stages, receipts, started }
}

async function against(t: TestContext, now: Uint8Array, inputs: string[], was = old): Promise<AgainstReport> {
  const { stages } = await leave(t, was, inputs)
  return replayAgainst('greet', inputs, { cid: await cidOf(now), bytes: now }, stages, {})
}

test('what a new build answers otherwise is shown as a difference of JSON, the rest is the same', async (t) => {
  const changed = await against(t, await version('hi'), ['Ada', 'bad'])
  assert.deepEqual([changed.same, changed.changed], [1, 1])
  const [ada] = changed.reports
  assert.equal(ada?.difference?.kind, 'json')
  assert.match(ada?.difference?.words ?? '', /-\s+"said": "hello"\n\+\s+"said": "hi"/)
  const same = await against(t, old, ['Ada', 'bad'])
  assert.deepEqual([same.same, same.changed], [2, 0])
})

test('a call that failed and now answers, and the other way round, is a change', async (t) => {
  const mended = await version('hello', `if (name == 'bad') { Host.outputString('mended'); return 0 }`)
  const { reports } = await against(t, mended, ['bad'])
  assert.equal(reports[0]?.same, false)
  assert.ok(reports[0]?.replayed && 'output' in reports[0].replayed)
  const worse = await against(t, old, ['bad'], mended)
  assert.equal(worse.reports[0]?.same, false)
})

test('what it does to vars is a change also when the answer is the same', async (t) => {
  const writing = await version('hello', `set('last', name)`)
  const more = await against(t, writing, ['Ada'])
  assert.match(more.reports[0]?.diverged?.got ?? '', /var_set last = "Ada"/)
  const less = await against(t, old, ['Ada'], writing)
  assert.match(less.reports[0]?.diverged?.expected ?? '', /var_set last = "Ada"/)
  assert.deepEqual([more.changed, less.changed], [1, 1])
})

test('a build that breaks off before it asks for what was recorded says how it broke off', async (t) => {
  const writing = await version('hello', `set('last', name)`)
  const { reports } = await against(
    t,
    await version('hello', 'if (name.length > 1) unreachable()'),
    ['Ada'],
    writing,
  )
  const [ada] = reports
  assert.match(ada?.diverged?.expected ?? '', /var_set/)
  assert.equal(ada?.replayed && 'problem' in ada.replayed && ada.replayed.problem.code, 'CALL_TRAPPED')
})

test('an export that is gone is a change; a receipt that is gone is skipped, and the others are not', async (t) => {
  const { stages } = await leave(t, old, ['Ada'])
  const bytes = await compileAssemblyScript('export function other(): i32 { return 0 }')
  const report = await replayAgainst(
    'greet',
    ['nowhere', 'Ada'],
    { cid: await cidOf(bytes), bytes },
    stages,
    {},
  )
  assert.deepEqual([report.changed, report.skipped.length], [1, 1])
  assert.equal(report.skipped[0]?.problem.code, 'RECEIPT_NOT_FOUND')
  const [ada] = report.reports
  assert.equal(ada?.replayed && 'problem' in ada.replayed && ada.replayed.problem.code, 'EXPORT_NOT_FOUND')
})

test('a receipt whose call was held to less memory than a new build begins with is skipped, and the others are not', async (t) => {
  const { stages } = await leave(t, old, ['Ada', 'Grace'])
  const receipt: ReplayStages['receipt'] = async (name, context) => {
    const found = await stages.receipt(name, context)
    return name === 'Ada' ? { ...found, limits: { ...found.limits, maxMemoryBytes: 65_536 } } : found
  }
  const bytes = await version('hello', 'if (memory.data(200_000) == 0) return 1')
  const module = { cid: await cidOf(bytes), bytes }
  const report = await replayAgainst('greet', ['Ada', 'Grace'], module, { ...stages, receipt }, {})
  assert.deepEqual([report.same, report.changed], [1, 0])
  assert.deepEqual(
    report.skipped.map(({ receipt: cid, problem }) => [cid, problem.code]),
    [['Ada', 'MEMORY_LIMIT']],
  )
})

test('a trap is the same trap wherever a new build has it', async (t) => {
  const longer = await version('hello', `const more = name.length * 31 + 7; if (more < 0) return more`)
  const { same, changed } = await against(t, longer, ['bad'])
  assert.deepEqual([same, changed], [1, 0])
})

test('what its own module answers otherwise as well is no change of a new build: it is skipped, with the reason', async (t) => {
  const keyed = await version(
    'hello',
    `if (Config.get('apiKey')!.length < 10) { Host.outputString('no'); return 0 }`,
  )
  const { stages, receipts } = await leave(t, keyed, ['Ada'], { config: { apiKey: 'four times' } })
  assert.equal(receipts.get('Ada')?.faithful, false)
  const module = { cid: await cidOf(keyed), bytes: keyed }
  const report = await replayAgainst('greet', ['Ada'], module, stages, {})
  assert.deepEqual([report.same, report.changed], [0, 0])
  assert.match(report.skipped[0]?.problem.detail ?? '', /apiKey/)
  const receipt = { ...(receipts.get('Ada') as Receipt), version: 1 }
  const history = async (): Promise<{ version: number; cid: string }[]> => [{ version: 1, cid: module.cid }]
  await assert.rejects(bisect('Ada', { ...stages, receipt: async () => receipt, history }, {}), {
    code: 'INPUT_INVALID',
  })
})

test('words in which a call failed have to be the same as well before its receipt is called faithful', async (t) => {
  const coded = await version('hello', `if (name == 'code') return Config.get('apiKey')!.length`)
  const { receipts } = await leave(t, coded, ['code'], { config: { apiKey: 'eleven char' } })
  const receipt = receipts.get('code')
  assert.equal(receipt?.problem?.detail, 'it returned 11')
  assert.equal(receipt.faithful, false)
})

test('of a call that is cut at no certain instruction none are counted, however quick it was', async (t) => {
  const endless = await version('hello', `while (name == 'spin') { if (deep(0) == 1) break }; deep(1)`)
  for (const [name, code, timeoutMs] of [
    ['spin', 'CALL_TIMEOUT', 25],
    ['overflow', 'CALL_TRAPPED', 5_000],
  ] as const) {
    const { stages, receipts } = await leave(t, endless, [name], { timeoutMs })
    const receipt = receipts.get(name)
    assert.deepEqual([receipt?.problem?.code, receipt?.faithful, receipt?.fuel], [code, false, undefined])
    const report = await replay(name, stages, { fuel: true }, {})
    assert.equal(report.fuel, undefined)
    assert.match(`${receipt?.fuelMissing} ${report.fuelMissing}`, /^it.* (limit|it) it.* (limit|it)$/)
  }
})

test('a bisection finds the first version with this answer, and says what the others do', async (t) => {
  const said = ['a', 'b', 'hello', 'hello', 'hello']
  const all = await Promise.all(
    said.map((each, index) => version(each, `// ${index}\n  const v = ${index}; if (v < 0) return 1`)),
  )
  const cids = await Promise.all(all.map(cidOf))
  const last = all[4] as Uint8Array
  const { stages, receipts } = await leave(t, last, ['Ada'])
  const receipt = receipts.get('Ada') as Receipt
  const found = await bisect(
    'Ada',
    {
      ...stages,
      receipt: async () => ({ ...receipt, version: 5, module: CID.parse(cids[4] ?? '') }),
      module: async (cid) => all[cids.indexOf(cid)] as Uint8Array,
      history: async () => cids.map((cid, index) => ({ version: index + 1, cid })).reverse(),
    },
    {},
  )
  assert.deepEqual(found.first, { version: 3, cid: cids[2] })
  assert.deepEqual(
    found.tried.map(({ version: tried, same }) => [tried, same]),
    [
      [3, true],
      [2, false],
    ],
  )
  assert.match(found.tried[1]?.why ?? '', /"said": "b"/)
  await assert.rejects(
    bisect(
      'Ada',
      { ...stages, receipt: async () => ({ ...receipt, version: undefined }), history: async () => [] },
      {},
    ),
    /INPUT_INVALID|called by a name/,
  )
})
