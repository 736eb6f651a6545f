// What a name means where it stands: blocks, constants, members; and where steps lead in AssemblyScript as people write it.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, after, before, suite, test } from 'node:test'
import { DebugClient } from '../helpers/debug-client.ts'
import { type Debugged, compileDebugged } from '../helpers/debugged.ts'

const source = `import { Host, Var } from '@extism/as-pdk'
import { Round, Shape, Square, square } from './shapes'

enum Kind { A, B = 5 }
const LIMIT: i32 = 3

function scale(n: i32, by: i32 = 10): i32 {
  return n * by
}
function label(): i32 {
  return LIMIT
}

export function blocks(): i32 {
  const tenth: f32 = 0.1, word = 'constant', least: i64 = -5
  let sum = 0
  for (let i = 0; i < 2; i++) {
    sum += i
  }
  for (let i = 10; i > 8; i--) {
    const sum = 'inner'
    Host.outputString(sum)
  }
  const n = 7
  let kind = Kind.B
  sum += square(n + 1)
  return sum + kind
}

export function steps(): i32 {
  const shapes: Shape[] = [new Round(), new Square()]
  let area = shapes[1].area()
  area += scale(LIMIT) + scale(2, 3)
  Var.set('n', Uint8Array.wrap(String.UTF8.encode(label().toString())))
  return area
}

export function values(): i32 {
  const times = (n: i32): i32 => n * 2
  const nested = [[new Square()]]
  const many = 'ab'.repeat(3000)
  return times(many.length) + nested.length
}
`
const shapes = `export abstract class Shape {
  static made: i32 = 0
  abstract area(): i32
}
export class Round extends Shape {
  area(): i32 {
    return 3
  }
}
export class Square extends Shape {
  side: i32 = 2
  area(): i32 {
    return this.side * this.side
  }
}
// @ts-ignore
@inline
export function square(n: i32): i32 {
  const twice = n * n
  return twice
}
`

suite('AssemblyScript under the debugger', { timeout: 120_000 }, () => {
  let folder: string
  let file: string
  let target: Debugged['target']

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    ;({ file, target } = await compileDebugged(folder, { 'index.ts': source, 'shapes.ts': shapes }))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const stopAt = async (t: TestContext, name: string, ...lines: number[]): Promise<DebugClient> => {
    const client = new DebugClient(t, target(name))
    await client.launch(
      file,
      lines.map((line) => ({ line })),
    )
    await client.stop()
    return client
  }

  test('of two variables of one name that of the block is shown, and none outside of its block', async (t) => {
    const client = await stopAt(t, 'blocks', 18, 22, 24)
    assert.equal((await client.variables())['i'], '0')
    await client.go('continue')
    assert.deepEqual(await client.stack(), ['blocks 18'])
    assert.equal(await client.evaluate('i'), '1')
    await client.go('continue')
    const { i, sum } = await client.variables()
    assert.deepEqual([i, sum], ['10', '"inner"'])
    await client.go('continue')
    await client.go('continue')
    assert.deepEqual(await client.stack(), ['blocks 25'])
    const after = await client.variables()
    assert.deepEqual([after['i'], after['sum']], [undefined, '1'])
    assert.match(await client.evaluate('i'), /there is no i here/)
  })

  test('constants that the compiler puts in place have their values, members of enums and classes theirs', async (t) => {
    const client = await stopAt(t, 'blocks', 26)
    const { tenth, word, least, n } = await client.variables()
    assert.deepEqual([tenth, word, least, n], ['0.1', '"constant"', '-5', '7'])
    assert.deepEqual(await client.variables(1), { LIMIT: '3', 'Shape.made': '0' })
    assert.equal(await client.evaluate('kind == Kind.B && Kind.A == 0'), 'true')
    assert.equal(await client.evaluate('Shape.made + LIMIT'), '3')
    assert.equal(await client.evaluate('word == "constant"'), 'true')
    // What is put in place of a call has its own variables there, and nowhere else.
    await client.go('next')
    assert.deepEqual((await client.stack())[0], 'blocks 19')
    assert.equal((await client.variables())['n'], '8')
    await client.go('next')
    assert.equal(await client.evaluate('twice'), '64')
    await client.go('next')
    assert.equal((await client.variables())['n'], '7')
    assert.match(await client.evaluate('twice'), /there is no twice/)
  })

  test('a step into a method that others override comes to the one that runs, and the stack has nothing between', async (t) => {
    const client = await stopAt(t, 'steps', 32)
    await client.go('stepIn')
    assert.deepEqual(await client.stack(), ['Square#area 13', 'steps 32'])
    await client.go('stepOut')
    assert.deepEqual(await client.stack(), ['steps 32'])
  })

  test('a step over a call without its last parameter stays on its line', async (t) => {
    const client = await stopAt(t, 'steps', 33)
    await client.go('next')
    assert.deepEqual(await client.stack(), ['steps 34'])
  })

  test('a step out of a call within calls of a library comes back to its line', async (t) => {
    const client = await stopAt(t, 'steps', 34)
    const seen: (string | undefined)[] = []
    for (const how of ['stepIn', 'stepIn', 'stepIn']) {
      await client.go(how)
      seen.push((await client.stack())[0])
    }
    assert.deepEqual(seen, ['label 11', 'steps 34', 'steps 35'])
  })

  test('functions, what is deep within, and long texts read as what they are', async (t) => {
    const client = await stopAt(t, 'values', 42)
    const { times, nested, many } = await client.variables()
    assert.equal(times, 'values~anonymous|0')
    assert.equal(nested, 'Array<Array<Square>>(1) [Array<Square>(1) [Square {…}]]')
    assert.match(many ?? '', /^"(?:ab){1000}"…$/)
    assert.equal(await client.evaluate('many.length'), '6000')
  })

  test('what follows && and || is asked only where it counts; objects are compared with null and each other', async (t) => {
    const client = await stopAt(t, 'values', 41)
    const worth = [
      ['many == null || many.length > 3', 'true'],
      ['many != null && many.length > 3', 'false'],
      ['nested != null && nested[0][0].side == 2', 'true'],
      ['nested == null', 'false'],
      ['nested[0] == nested[0]', 'true'],
      ['nested && 3', '3'],
    ]
    for (const [expression = '', expected] of worth)
      assert.equal(await client.evaluate(expression), expected, expression)
  })
})
