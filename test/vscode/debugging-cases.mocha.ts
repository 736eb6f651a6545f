// Cases of wasmate.test.json under the debugger: stopped in the source, judged as a run judges them, ended by a cancel.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import {
  CancellationTokenSource,
  type TestItem,
  TestRunRequest,
  commands,
  debug,
  extensions,
  window,
} from 'vscode'
import type { Api } from '../../src/extension.ts'
import { until } from '../helpers/until.ts'
import { type Seen, Watched, evaluate, go, setBreakpoints, stack, start, variables } from './debugged.ts'
import { type Watched as WatchedRun, watchRuns } from './runs.ts'
import { place, setMode, write } from './sources.ts'

const source = `import { Config, Host } from '@extism/as-pdk'

export function say(): i32 {
  const said = Host.inputString()
  const set = Config.get('mood')
  Host.outputString(said + (set == null ? '' : set))
  return 0
}

export function fall(): i32 {
  const list = [1]
  let at = 5
  return list[at]
}

let turns = 1
export function spin(): i32 {
  while (turns > 0) turns ^= 2
  return 0
}
`
const sourceInC = `#include <extism-pdk.h>

EXTISM_EXPORT(twice) int32_t twice(void) {
  char text[64];
  uint64_t length = extism_input_length();
  for (uint64_t at = 0; at < length; at++) text[at] = text[at + length] = (char)extism_input_load_u8(at);
  extism_output(text, length * 2);
  return 0;
}
`
const cases = [
  { name: 'says it', export: 'say', input: 'a', config: { mood: '!' }, expected: 'a!' },
  { name: 'says another', export: 'say', input: { text: 'b' }, expected: 'c' },
  { name: 'traps as it should', export: 'fall', expected: { problem: 'CALL_TRAPPED' } },
  { name: 'has no such export', export: 'nothing', expected: { problem: 'EXPORT_NOT_FOUND' } },
  { name: 'is ended', export: 'spin', timeoutMs: 20, expected: { problem: 'CALL_TIMEOUT' } },
  { name: 'has no such file', export: 'say', input: { file: 'missing' }, expected: 'x' },
]

describe('cases under the debugger', () => {
  const file = place('judged', 'index.ts')
  const caseFile = place('judged', 'wasmate.test.json')
  const watched = new Watched()
  let runs: WatchedRun[] = []
  let testing: Api['testing']
  const item = (name: string): TestItem => {
    const found = testing.controller.items.get(caseFile.toString())?.children.get(name)
    return found ?? assert.fail(`no case ${name}`)
  }
  const debugCases = (
    names: string[],
    { token } = new CancellationTokenSource(),
  ): { ended: Promise<WatchedRun> } => {
    const request = new TestRunRequest(names.map(item))
    const running = Promise.resolve(testing.debug.runHandler(request, token))
    return { ended: running.then(() => runs.at(-1) ?? assert.fail('no run')) }
  }
  const states = ({ shown }: WatchedRun): string[] =>
    [...shown].map(([name, { state }]) => `${name}: ${state}`)
  let stopped: Seen | undefined
  /** Stopped in a session of this case, which is another than that of the last time. */
  const stopIn = async (name: string): Promise<void> => {
    const isNext = (seen: Seen | undefined): boolean =>
      seen !== stopped && seen?.session.name === `judged: ${name}`
    await until(async () => isNext(watched.seen.at(-1)), `the session of ${name}`)
    stopped = watched.last
    await watched.stop()
  }

  before(async () => {
    await setMode('off')
    await write(file, source)
    await write(caseFile, JSON.stringify({ cases }))
    const api = await extensions.getExtension<Api>('wasmate.wasmate')?.activate()
    testing = api?.testing ?? assert.fail('no extension')
    runs = watchRuns(testing.controller)
    await testing.controller.resolveHandler?.(undefined)
    await window.showTextDocument(file)
  })

  after(async () => {
    watched.dispose()
    setBreakpoints(file, [])
    await debug.stopDebugging()
  })

  it('stop at a breakpoint with their input and config, one after another, and are judged', async () => {
    setBreakpoints(file, [{ line: 6 }])
    const { ended } = debugCases(['says it', 'says another'])
    await stopIn('says it')
    assert.equal((await stack(watched.last))[0]?.line, 6)
    const { said, set } = await variables(watched.last)
    assert.deepEqual([said, set], ['"a"', '"!"'])
    assert.deepEqual(runs.at(-1)?.started, ['says it'])
    await go(watched.last, 'continue')
    await stopIn('says another')
    assert.equal(await evaluate(watched.last, 'said'), '"b"')
    await go(watched.last, 'continue')
    const run = await ended
    assert.deepEqual(states(run), ['says it: passed', 'says another: failed'])
    const { message } = run.shown.get('says another') ?? {}
    assert.deepEqual([message?.expectedOutput, message?.actualOutput], ['c', 'b'])
    assert.match(run.output, /judged: says it\r\n {2}[\d.]+ ms/)
    assert.ok(run.ended)
  })

  it('pass with the problem that they expect, and say what can not be run', async () => {
    setBreakpoints(file, [])
    const { ended } = debugCases(['traps as it should', 'has no such export', 'has no such file'])
    await stopIn('traps as it should')
    await go(watched.last, 'continue')
    const run = await ended
    assert.deepEqual(states(run), [
      'traps as it should: passed',
      'has no such export: passed',
      'has no such file: errored',
    ])
    assert.match(JSON.stringify(run.shown.get('has no such file')?.message?.message), /missing/)
  })

  it('end with their session when the run is cancelled, and the rest is skipped', async () => {
    setBreakpoints(file, [{ line: 6 }])
    const source = new CancellationTokenSource()
    const { ended } = debugCases(['says it', 'says another'], source)
    await stopIn('says it')
    source.cancel()
    const run = await ended
    assert.deepEqual(states(run), ['says it: skipped', 'says another: skipped'])
    assert.deepEqual(run.started, ['says it'])
    await watched.end()
  })

  it('are skipped when a person stops the session', async () => {
    const { ended } = debugCases(['says it', 'says another'])
    await stopIn('says it')
    await debug.stopDebugging(watched.last.session)
    assert.deepEqual(states(await ended), ['says it: skipped', 'says another: skipped'])
  })

  it('show a source that does not compile at its line', async () => {
    await write(file, `${source}export function broken(): i32 { return nowhere }\n`)
    const { shown } = await debugCases(['says it', 'says another']).ended
    const [one, other] = ['says it', 'says another'].map((name) => shown.get(name))
    assert.deepEqual([one?.state, other?.state], ['errored', 'errored'])
    assert.equal(one?.message?.location?.uri.path, file.path)
    assert.equal(one?.message?.location?.range.start.line, 20)
    await write(file, source)
  })

  it('are called from a configuration that names one', async () => {
    await start({ function: 'judged', case: 'says it' })
    await watched.stop()
    assert.equal(await evaluate(watched.last, 'said + set'), '"a!"')
    await go(watched.last, 'continue')
    await watched.end()
    assert.match(await watched.output(), /a!/)
  })

  it('are called once more when a person restarts the session, as the source is then, and judged once', async () => {
    setBreakpoints(file, [{ line: 6 }])
    const { ended } = debugCases(['says it', 'says another'])
    await stopIn('says it')
    const { seen } = watched
    const before = seen.length
    await commands.executeCommand('workbench.action.debug.restart')
    await until(async () => seen.length > before, 'the session once more')
    await watched.stop()
    assert.equal(await evaluate(watched.last, 'said'), '"a"')
    await go(watched.last, 'continue')
    stopped = undefined
    await stopIn('says another')
    await go(watched.last, 'continue')
    const run = await ended
    assert.deepEqual(states(run), ['says it: passed', 'says another: failed'])
    assert.deepEqual(run.started, ['says it', 'says another'])
  })

  it('have no time limit: one that expects to be ended goes on until it is stopped', async () => {
    setBreakpoints(file, [])
    const { ended } = debugCases(['is ended'])
    await until(async () => watched.seen.at(-1)?.session.name === 'judged: is ended', 'its session')
    const { session } = watched.last
    await until(async () => {
      await session.customRequest('pause', { threadId: 1 })
      return true
    }, 'it runs')
    await watched.stop()
    assert.equal((await stack(watched.last))[0]?.name, 'spin')
    await debug.stopDebugging(session)
    assert.deepEqual(states(await ended), ['is ended: skipped'])
  })

  it('of a function in C stop, and are judged', async () => {
    const inC = place('judged-c', 'main.c')
    const cFile = place('judged-c', 'wasmate.test.json')
    await write(inC, sourceInC)
    await write(cFile, JSON.stringify({ cases: [{ name: 'doubles', input: 'ab', expected: 'abab' }] }))
    const find = (): TestItem | undefined =>
      testing.controller.items.get(cFile.toString())?.children.get('doubles')
    await until(async () => find() !== undefined, 'its case')
    setBreakpoints(inC, [{ line: 6 }])
    const found = find()
    const request = new TestRunRequest([found ?? assert.fail('no case')])
    const ended = Promise.resolve(testing.debug.runHandler(request, new CancellationTokenSource().token))
    await until(async () => watched.seen.at(-1)?.session.name === 'judged-c: doubles', 'its session')
    await watched.stop()
    assert.equal((await variables(watched.last))['length'], '2')
    await go(watched.last, 'continue')
    await ended
    assert.deepEqual(states(runs.at(-1) ?? assert.fail('no run')), ['doubles: passed'])
  })
})
