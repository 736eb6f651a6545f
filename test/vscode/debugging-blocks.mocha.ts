// Debugging in VS Code's own debugger: what a name means where it stands, and where a step leads, in AssemblyScript.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { debug } from 'vscode'
import { Watched, evaluate, go, setBreakpoints, stack, start, variables } from './debugged.ts'
import { place, setMode, write } from './sources.ts'

const source = `import { Host } from '@extism/as-pdk'

enum Kind { A, B = 5 } function twice(n: i32): i32 { return n * 2 }
abstract class Shape {
  abstract area(): i32
}
class Square extends Shape {
  side: i32 = 2
  area(): i32 {
    return this.side * this.side
  }
}

export function blocks(): i32 {
  const half: f32 = 0.5; let way = twice
  const seen = new Set<string>()
  let sum = 0
  for (let i = 0; i < 3; i++) {
    let kind = i + 3
    sum += kind
    seen.add(i.toString())
  }
  for (let i = 9; i > 8; i--) {
    const sum = 'inner'
    Host.outputString(sum)
  }
  const shape: Shape = new Square()
  sum += shape.area() + way(0)
  return sum
}
`

describe('blocks and methods in AssemblyScript', () => {
  const file = place('blocks', 'index.ts')
  const watched = new Watched()

  before(async () => {
    await setMode('off')
    await write(file, source)
    await write(place('blocks', 'wasmate.json'), '{ "exports": ["blocks"] }')
  })

  after(async () => {
    watched.dispose()
    setBreakpoints(file, [])
    await debug.stopDebugging()
  })

  const continued = async (): Promise<Record<string, string>> => {
    await go(watched.last, 'continue')
    await watched.stop()
    return variables(watched.last)
  }

  it('a name is that of the block, a constant has its value, a condition can name a member of an enum', async () => {
    setBreakpoints(file, [{ line: 20, condition: 'kind == Kind.B' }, { line: 25 }, { line: 28 }])
    await start({ function: 'blocks' })
    await watched.stop()
    const first = await variables(watched.last)
    assert.deepEqual([first['i'], first['sum'], first['kind'], first['half']], ['2', '7', '5', '0.5'])
    assert.equal(first['way'], 'twice')
    assert.equal(first['seen'], 'Set<String>(2) {"0", "1"}')
    const second = await continued()
    assert.deepEqual([second['i'], second['sum'], second['kind']], ['9', '"inner"', undefined])
    const third = await continued()
    assert.deepEqual([third['i'], third['sum']], [undefined, '12'])
    assert.equal(await evaluate(watched.last, 'Kind.A'), '0')
  })

  it('a step goes into the method that runs for one that is abstract', async () => {
    await go(watched.last, 'stepIn')
    await watched.stop()
    const frames = await stack(watched.last)
    assert.deepEqual(
      frames.map(({ name, line }) => `${name} ${line}`),
      ['Square#area 10', 'blocks 28'],
    )
    await debug.stopDebugging()
    await watched.end()
  })
})
