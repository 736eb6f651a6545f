// Debugging a recorded call, and going back in it: the real emulator records it, the real host process replays it.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { ControlClient } from '../../src/client/control.ts'
import type { RecordedCall } from '../../src/client/debug-messages.ts'
import { readDebugInfo } from '../../src/debug/info/info.ts'
import type { DebugTarget } from '../../src/debug/session/target.ts'
import { type Script, parseRecorded } from '../../src/recording.ts'
import { DebugClient } from '../helpers/debug-client.ts'
import { type Running, up, wasmate } from '../helpers/wasmate.ts'

const source = `import { Host, Var } from '@extism/as-pdk'

export function hello(): i32 {
  const name = Host.inputString()
  const now = Date.now()
  let sum = 0
  for (let n = 1; n <= 5; n++) {
    sum += n
  }
  Var.set('sum', Uint8Array.wrap(String.UTF8.encode(sum.toString())))
  Host.outputString(name + now.toString() + sum.toString())
  return 0
}
`

/** Why, and at which line. */
async function stopOf(client: DebugClient): Promise<string> {
  const { reason } = await client.stop()
  const [top = ''] = await client.stack()
  return `${reason} ${top.split(' ').at(-1)}`
}

suite('a recorded call under the debugger', { timeout: 300_000 }, () => {
  let cwd: string
  let file: string
  let running: Running
  let receipt: string
  let output: string

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    file = join(cwd, 'steps/index.ts')
    await wasmate(['new', 'steps'], { cwd })
    await writeFile(file, source)
    // No chain is needed.
    running = await up({ cwd, devnet: join(cwd, 'no-devnet') })
    const { json } = await wasmate(['deploy', 'steps', '--json'], { cwd })
    const { cid } = (json[0] as { pin: { cid: string } }).pin
    const answer = await fetch(`${running.state.urls.functions}/functions/${cid}`, {
      ...{ method: 'POST', body: 'at ', headers: { 'wasmate-receipt': 'required' } },
    })
    receipt = answer.headers.get('wasmate-receipt') ?? ''
    output = await answer.text()
  })
  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const read = (path?: string): Promise<RecordedCall> =>
    new ControlClient(running.state).stream('debugReceipt', { receipt, path }, {})
  const targetOf = async (path?: string): Promise<DebugTarget> => {
    const { build, export: name, base64, script } = await read(path)
    const bytes = new Uint8Array(Buffer.from(build.base64, 'base64'))
    const { config, allowedHosts, maxMemoryBytes } = build.options
    return {
      ...{ name, libraries: {}, remarks: [], module: { bytes, settings: {} } },
      info: readDebugInfo(bytes, build.folder, build.symbols),
      call: {
        ...{ export: name, input: Buffer.from(base64, 'base64'), config, allowedHosts, maxMemoryBytes },
        ...{ vars: new Map(), script: parseRecorded(script) as Script },
      },
    }
  }
  const folder = (): string => join(cwd, 'steps')

  test('it is told what it was told, in its source, and comes to the same', async (t) => {
    const recorded = await read(folder())
    assert.equal(recorded.module, 'same')
    const client = new DebugClient(t, await targetOf(folder()))
    await client.launch(file, [{ line: 6 }])
    assert.equal(await stopOf(client), 'breakpoint 6')
    assert.equal(await client.evaluate('now'), output.slice('at '.length, -'15'.length))
    await client.ask('continue')
    await client.event('terminated')
    assert.ok(client.output.includes(output))
  })

  test('it steps back to the stop before, again and again, down to where the call begins', async (t) => {
    const client = new DebugClient(t, await targetOf(folder()))
    await client.launch(file, [{ line: 8 }])
    assert.deepEqual(client.named('capabilities'), [{ capabilities: { supportsStepBack: true } }])
    const seen: string[] = [await stopOf(client)]
    for (const move of ['continue', 'continue', 'next']) {
      await client.ask(move)
      seen.push(`${await stopOf(client)}`)
    }
    assert.deepEqual(seen.slice(0, 3), ['breakpoint 8', 'breakpoint 8', 'breakpoint 8'])
    assert.equal(await client.evaluate('sum'), '6')
    const back = async (how: string): Promise<string> => {
      await client.ask(how)
      return stopOf(client)
    }
    assert.equal(await back('stepBack'), 'breakpoint 8')
    assert.equal(await client.evaluate('sum'), '3')
    assert.equal(await back('stepBack'), 'breakpoint 8')
    assert.equal(await client.evaluate('sum'), '1')
    assert.match(client.output, /went back 2 in \d+/)
    // And forward from there.
    await client.ask('continue')
    assert.equal(await stopOf(client), 'breakpoint 8')
    assert.equal(await client.evaluate('sum'), '3')
    for (let n = 0; n < 2; n++) await back('stepBack')
    assert.equal(await back('stepBack'), 'entry 4')
    await assert.rejects(client.ask('stepBack'), /at the beginning/)
    // Where it stood it still stands.
    assert.equal((await client.stack())[0], 'hello 4')
    await client.ask('continue')
    assert.equal(await stopOf(client), 'breakpoint 8')
    assert.equal(await client.evaluate('sum'), '0')
  })

  test('Reverse goes back to where it ran to in one go, past the steps', async (t) => {
    const client = new DebugClient(t, await targetOf(folder()))
    await client.launch(file, [{ line: 8, condition: 'n == 3' }, { line: 10 }])
    assert.equal(await stopOf(client), 'breakpoint 8')
    await client.ask('continue')
    assert.equal(await stopOf(client), 'breakpoint 10')
    await client.ask('next')
    assert.equal(await stopOf(client), 'step 11')
    await client.ask('reverseContinue')
    assert.equal(await stopOf(client), 'breakpoint 10')
    await client.ask('reverseContinue')
    assert.equal(await stopOf(client), 'breakpoint 8')
    assert.equal(await client.evaluate('sum'), '3')
    // Breakpoints are those of now.
    await client.ask('setBreakpoints', { source: { path: file }, breakpoints: [{ line: 11 }] })
    await client.ask('continue')
    assert.equal(await stopOf(client), 'breakpoint 11')
    await client.ask('stepBack')
    assert.equal(await stopOf(client), 'breakpoint 8')
    await client.ask('continue')
    assert.equal(await stopOf(client), 'breakpoint 11')
  })

  test('what goes back can be told to stay, and ends with the session', async (t) => {
    const client = new DebugClient(t, await targetOf(folder()))
    await client.launch(file, [{ line: 8 }])
    await stopOf(client)
    await client.ask('continue')
    await stopOf(client)
    await client.ask('stepBack')
    const { progressId } = await client.event('progressStart')
    await client.ask('cancel', { progressId })
    assert.equal(await stopOf(client), 'breakpoint 8')
    assert.equal(await client.evaluate('sum'), '1')
    await client.ask('stepBack')
    await client.ask('disconnect')
    await client.event('terminated')
  })

  test('it stops where the call begins when it is asked to', async (t) => {
    const client = new DebugClient(t, await targetOf(folder()))
    await client.launch(file, [], { stopOnEntry: true })
    assert.equal(await stopOf(client), 'entry 4')
    await client.ask('next')
    assert.equal(await stopOf(client), 'step 5')
    await client.ask('stepBack')
    assert.equal(await stopOf(client), 'entry 4')
  })

  test('without its source the module itself is debugged, by the names in it', async (t) => {
    const recorded = await read()
    assert.deepEqual([recorded.module, recorded.build.folder], ['recorded', ''])
    const client = new DebugClient(t, await targetOf())
    await client.launch(file, [], { stopOnEntry: true })
    assert.equal(await stopOf(client), 'entry 0')
    assert.match((await client.stack())[0] ?? '', /^function \d+ 0$/)
    await client.ask('continue')
    await client.event('terminated')
    assert.ok(client.output.includes(output))
  })

  test('a source that has changed is debugged as it is now, and says where it goes another way', async (t) => {
    await writeFile(file, source.replace("'sum', ", "'total', "))
    t.after(() => writeFile(file, source))
    assert.equal((await read(folder())).module, 'changed')
    const client = new DebugClient(t, await targetOf(folder()))
    await client.launch(file, [{ line: 11 }])
    assert.equal(await stopOf(client), 'breakpoint 11')
    await client.ask('stepBack')
    assert.equal(await stopOf(client), 'entry 4')
  })
})
