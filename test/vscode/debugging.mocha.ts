// Debugging in VS Code's own debugger: functions in AssemblyScript and C, stopped, read and stepped by their source.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { commands, debug, window } from 'vscode'
import { Watched, evaluate, go, setBreakpoints, stack, start, variables } from './debugged.ts'
import { place, setMode, write } from './sources.ts'

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
})
