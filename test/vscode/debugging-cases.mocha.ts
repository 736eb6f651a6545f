// Cases of wasmate.test.json under the debugger: stopped in the source, judged as a run judges them, ended by a cancel.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { CancellationTokenSource, type TestItem, TestRunRequest, debug, extensions, window } from 'vscode'
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
`
const cases = [
  { name: 'says it', export: 'say', input: 'a', config: { mood: '!' }, expected: 'a!' },
  { name: 'says another', export: 'say', input: { text: 'b' }, expected: 'c' },
  { name: 'traps as it should', export: 'fall', expected: { problem: 'CALL_TRAPPED' } },
  { name: 'has no such export', export: 'nothing', expected: { problem: 'EXPORT_NOT_FOUND' } },
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
    assert.equal(one?.message?.location?.range.start.line, 14)
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
})
