// Debugging in VS Code's own debugger: functions in AssemblyScript and C, stopped, read and stepped by their source.

import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { after, before, describe, it } from 'mocha'
import { commands, debug, extensions, window } from 'vscode'
import type { InvocationRecord } from '../../src/trace/record.ts'
import { until } from '../helpers/until.ts'
import { Watched, evaluate, go, read, setBreakpoints, stack, start, variables } from './debugged.ts'
import { place, setMode, textOf, write } from './sources.ts'

const source = `import { Host } from '@extism/as-pdk'

class Point {
  constructor(public x: i32, public y: f64, public name: string) {}
}

let counter = 0

function greet(name: string, times: i32): string {
  let out = ''
  for (let n = 0; n < times; n++) {
    out += 'Hello, ' + name + '! '
  }
  return out
}

export function hello(): i32 {
  const name = Host.inputString()
  const list = [1, 2, 3]
  const point = new Point(7, 2.5, 'origin')
  const ages = new Map<string, i32>()
  ages.set('Ada', 36)
  const bytes = Uint8Array.wrap(String.UTF8.encode(name))
  counter++
  const answer = greet(name, 3)
  Host.outputString(answer)
  return 0
}

export function broken(): i32 {
  const list = [1, 2, 3]
  let at = 5
  return list[at]
}
`

describe('a function in AssemblyScript', () => {
  const file = place('debugged', 'index.ts')
  const watched = new Watched()

  before(async () => {
    await setMode('off')
    await write(file, source)
    await write(place('debugged', 'wasmate.json'), '{ "exports": ["hello"] }')
    await window.showTextDocument(file)
  })

  after(async () => {
    watched.dispose()
    setBreakpoints(file, [])
    await debug.stopDebugging()
  })

  it('stops at a breakpoint, and its locals read as what they are', async () => {
    setBreakpoints(file, [{ line: 25 }])
    assert.equal(await start({ function: 'debugged', input: 'Ada' }), true)
    assert.equal((await watched.stop())['reason'], 'breakpoint')
    const [top] = await stack(watched.last)
    assert.deepEqual([top?.name, top?.line, top?.source?.path], ['hello', 25, file.fsPath])
    const locals = await variables(watched.last)
    assert.equal(locals['name'], '"Ada"')
    assert.equal(locals['list'], 'Array<i32>(3) [1, 2, 3]')
    assert.equal(locals['point'], 'Point {x: 7, y: 2.5, name: "origin"}')
    assert.equal(locals['ages'], 'Map<String,i32>(1) {"Ada": 36}')
    assert.equal(locals['bytes'], 'Uint8Array(3) [65, 100, 97]')
    assert.equal((await variables(watched.last, 1))['counter'], '1')
    assert.equal(await evaluate(watched.last, 'point.x + list[2]'), '10')
    await go(watched.last, 'continue')
    await watched.end()
    assert.match(await watched.output(), /Hello, Ada! Hello, Ada! Hello, Ada!/)
  })

  it('starts from the source that is edited, with nothing written down', async () => {
    setBreakpoints(file, [{ line: 18 }])
    await commands.executeCommand('wasmate.debug')
    assert.equal((await watched.stop())['reason'], 'breakpoint')
    await debug.stopDebugging()
    await watched.end()
  })

  it('stops where a condition holds, from the third time on, and says what a logpoint says', async () => {
    setBreakpoints(file, [{ line: 12, condition: 'n == 1 && name == "Ada"' }])
    await start({ function: 'debugged', input: 'Ada' })
    await watched.stop()
    assert.equal((await variables(watched.last))['n'], '1')
    setBreakpoints(file, [{ line: 12, logMessage: 'n is {n} of {times} for {name}' }])
    await until(async () => (await stack(watched.last)).length > 0, 'it still stands')
    await go(watched.last, 'continue')
    await watched.end()
    assert.match(await watched.output(), /n is 2 of 3 for Ada/)
    setBreakpoints(file, [{ line: 12, hitCondition: '3' }])
    await start({ function: 'debugged', input: 'Ada' })
    await watched.stop()
    assert.equal((await variables(watched.last))['n'], '2')
    await debug.stopDebugging()
    await watched.end()
  })

  it('steps over, into and out of functions by lines, and past those of libraries', async () => {
    setBreakpoints(file, [{ line: 25 }])
    await start({ function: 'debugged', input: 'Ada' })
    const seen: (number | undefined)[] = []
    const step = async (how: string): Promise<void> => {
      await go(watched.last, how)
      await watched.stop()
      const frames = await stack(watched.last)
      seen.push(frames[0]?.line)
    }
    await watched.stop()
    await step('stepIn')
    assert.deepEqual(
      (await stack(watched.last)).map(({ name }) => name),
      ['greet', 'hello'],
    )
    setBreakpoints(file, [])
    for (const how of ['next', 'next', 'stepIn', 'stepOut', 'next']) await step(how)
    assert.deepEqual(seen, [10, 11, 12, 11, 25, 26])
    await debug.stopDebugging()
    await watched.end()
  })

  it('stops at the line of a trap, with what was said and the frames of a library above it', async () => {
    setBreakpoints(file, [])
    await start({ function: 'debugged', export: 'broken' })
    const { reason, text } = await watched.stop()
    assert.equal(reason, 'exception')
    assert.match(String(text), /Index out of range/)
    const frames = await stack(watched.last)
    assert.equal(frames[0]?.source?.presentationHint, 'deemphasize')
    const own = frames.find(({ source: from }) => from?.path === file.fsPath)
    assert.deepEqual([own?.name, own?.line], ['broken', 33])
    assert.equal((await variables(watched.last, 0, own ? frames.indexOf(own) : 0))['at'], '5')
    await go(watched.last, 'continue')
    await watched.end()
    assert.match(await watched.output(), /CALL_TRAPPED/)
  })

  it('moves a breakpoint to the next line that has code, and says where there is none', async () => {
    setBreakpoints(file, [{ line: 25 }, { line: 13 }, { line: 200 }])
    await start({ function: 'debugged', input: 'Ada' })
    const { session } = watched.last
    const seen = async (place: number): Promise<DebugProtocol.Breakpoint | undefined> => {
      const [set] = [debug.breakpoints[place]]
      return set && ((await session.getDebugProtocolBreakpoint(set)) as DebugProtocol.Breakpoint | undefined)
    }
    await watched.stop()
    const [hit, moved, nowhere] = [await seen(0), await seen(1), await seen(2)]
    assert.deepEqual([hit?.verified, hit?.line], [true, 25])
    assert.deepEqual([moved?.verified, moved?.line], [true, 14])
    assert.equal(nowhere?.verified, false)
    await debug.stopDebugging()
    await watched.end()
  })

  it('shows vars, host calls and linear memory beside it', async () => {
    setBreakpoints(file, [{ line: 25 }])
    await start({ function: 'debugged', input: 'Ada' })
    await watched.stop()
    const host = (await watched.last.session.customRequest('host')) as {
      memoryBytes: number
      vars: unknown[]
    }
    assert.ok(host.memoryBytes >= 65_536)
    const [name] = (await readAll(watched)).filter((each) => each.name === 'name')
    const asked = { memoryReference: name?.memoryReference, count: 6 }
    const { data } = (await watched.last.session.customRequest('readMemory', asked)) as { data: string }
    assert.equal(Buffer.from(data, 'base64').toString('utf16le'), 'Ada')
    await debug.stopDebugging()
    await watched.end()
  })

  it('attaches to the next call in the emulator, which gets its answer from here', async () => {
    setBreakpoints(file, [{ line: 25 }])
    await commands.executeCommand('wasmate.deploy', { path: place('debugged').fsPath })
    const before = watched.seen.length
    const attaching = start({ request: 'attach', function: 'debugged' })
    await until(async () => watched.seen.length > before, 'the session')
    const stopping = watched.stop().then(() => true)
    const called: Promise<InvocationRecord>[] = []
    // Until the debugger waits, the emulator answers.
    await until(async () => {
      const value = `Eve ${called.length}`
      const asked = { name: 'debugged', path: place('debugged').fsPath, export: 'hello' }
      const call = commands.executeCommand('wasmate.invoke', { ...asked, input: { kind: 'text', value } })
      const record = Promise.resolve(call as Thenable<InvocationRecord>)
      called.push(record)
      return Promise.race([stopping, record.then(() => false)])
    }, 'a call to be taken')
    await attaching
    const name = `Eve ${called.length - 1}`
    assert.equal((await variables(watched.last))['name'], `"${name}"`)
    assert.equal(await Promise.race([called.at(-1), Promise.resolve('waits')]), 'waits')
    await go(watched.last, 'continue')
    await watched.end()
    assert.ok(textOf((await called.at(-1)) ?? assert.fail()).startsWith(`Hello, ${name}!`))
  })

  it('pauses what runs for ever, and leaves no process when it is stopped', async () => {
    const endless = place('endless', 'index.ts')
    await write(
      endless,
      'export function spin(): i32 {\n  let n = 0\n  while (n >= 0) n = (n + 1) % 7\n  return n\n}\n',
    )
    await write(place('endless', 'wasmate.json'), '{ "exports": ["spin"] }')
    setBreakpoints(endless, [])
    await start({ function: 'endless' })
    await watched.last.session.customRequest('pause', { threadId: 1 })
    assert.equal((await watched.stop())['reason'], 'pause')
    const [top] = await stack(watched.last)
    assert.deepEqual([top?.name, top?.line], ['spin', 3])
    await debug.stopDebugging()
    await watched.end()
    await until(async () => (await hosts()) === 0, 'no debug host is left')
  })
})

/** Processes of this machine that run a call for a debugger. */
async function hosts(): Promise<number> {
  const names = await readdir('/proc')
  const commandsOf = names
    .filter((name) => /^\d+$/.test(name))
    .map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return text.includes('debug-host.mjs') && text.includes(extensionFolder)
    })
  return (await Promise.all(commandsOf)).filter(Boolean).length
}

const extensionFolder = extensions.getExtension('wasmate.wasmate')?.extensionPath ?? '-'

async function readAll(watched: Watched): Promise<DebugProtocol.Variable[]> {
  const { scopes } = (await watched.last.session.customRequest('scopes', {
    frameId: 1,
  })) as DebugProtocol.ScopesResponse['body']
  return read(watched.last.session, scopes[0]?.variablesReference ?? 0)
}
