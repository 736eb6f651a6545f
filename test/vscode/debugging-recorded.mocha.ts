// A past invocation under VS Code's debugger: replayed from its receipt, and stepped back.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { commands, debug } from 'vscode'
import type { InvocationRecord } from '../../src/trace/record.ts'
import { until } from '../helpers/until.ts'
import { Watched, evaluate, go, setBreakpoints, stack, start } from './debugged.ts'
import { place, setMode, write } from './sources.ts'

const source = `import { Host } from '@extism/as-pdk'

export function sum(): i32 {
  const now = Date.now()
  let total = 0
  for (let n = 1; n <= 3; n++) {
    total += n
  }
  Host.outputString(total.toString() + ' at ' + now.toString())
  return 0
}
`

describe('a past invocation', () => {
  const file = place('recorded', 'index.ts')
  const watched = new Watched()
  let record: InvocationRecord

  before(async () => {
    await setMode('off')
    await write(file, source)
    await write(place('recorded', 'wasmate.json'), '{ "exports": ["sum"] }')
    const asked = { name: 'recorded', path: place('recorded').fsPath, export: 'sum' }
    await commands.executeCommand('wasmate.deploy', { path: place('recorded').fsPath })
    record = await commands.executeCommand('wasmate.invoke', { ...asked, input: { kind: 'text', value: '' } })
  })

  after(async () => {
    watched.dispose()
    setBreakpoints(file, [])
    await debug.stopDebugging()
  })

  it('is the same call once more, and goes back by the buttons of the debugger', async () => {
    const said = Buffer.from(record.output?.base64 ?? '', 'base64').toString()
    setBreakpoints(file, [{ line: 7 }])
    assert.equal(await commands.executeCommand('wasmate.debug', record), true)
    assert.equal((await watched.stop())['reason'], 'breakpoint')
    assert.equal(await evaluate(watched.last, 'now'), said.split(' at ')[1])
    await go(watched.last, 'continue')
    await watched.stop()
    assert.equal(await evaluate(watched.last, 'total'), '1')
    // The buttons are of the session that has the focus, which may still be one that has ended.
    await until(async () => debug.activeStackItem?.session.id === watched.last.session.id, 'the focus')
    await commands.executeCommand('workbench.action.debug.stepBack')
    await watched.stop()
    assert.equal(await evaluate(watched.last, 'total'), '0')
    await commands.executeCommand('workbench.action.debug.stepBack')
    assert.equal((await watched.stop())['reason'], 'entry')
    assert.equal((await stack(watched.last))[0]?.line, 4)
    setBreakpoints(file, [{ line: 9 }])
    const [set] = debug.breakpoints
    const { session } = watched.last
    await until(
      async () => set !== undefined && (await session.getDebugProtocolBreakpoint(set)) !== undefined,
      'the breakpoint to be set',
    )
    await go(watched.last, 'continue')
    await watched.stop()
    await commands.executeCommand('workbench.action.debug.reverseContinue')
    assert.equal((await watched.stop())['reason'], 'entry')
    setBreakpoints(file, [])
    await go(watched.last, 'continue')
    await watched.end()
    const output = await watched.output()
    assert.match(output, /Went back by replaying the call from its beginning/)
    assert.ok(output.includes(said))
    assert.match(output, /The same as it was recorded/)
  })

  it('is found by the number that it has in the list, and by the CID of its receipt', async () => {
    for (const receipt of [record.id, record.receipt]) {
      setBreakpoints(file, [{ line: 9 }])
      await start({ receipt })
      await watched.stop()
      assert.equal((await stack(watched.last))[0]?.source?.path, file.fsPath)
      await debug.stopDebugging()
      await watched.end()
    }
  })
})
