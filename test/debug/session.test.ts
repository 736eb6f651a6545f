// Sessions as an editor has them, over the real process that runs the call, in AssemblyScript.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { DebugClient } from '../helpers/debug-client.ts'
import { type Debugged, compileDebugged } from '../helpers/debugged.ts'

const assemblyScript = `import { Host, Var } from '@extism/as-pdk'

class Point {
  constructor(public x: i32, public y: f64) {}
}
let counter: i64 = 4

function double(n: i32): i32 {
  return n * 2
}

export function run(): i32 {
  const name = Host.inputString()
  const list = [1, 2, 3]
  const point = new Point(7, 2.5)
  let sum = 0
  for (let i = 0; i < list.length; i++) {
    sum += double(list[i])
  }
  Host.outputString(name + sum.toString())
  return 0
}

export function broken(): i32 {
  if (counter == 4) throw new Error('never mind')
  return 0
}

export function spin(): i32 {
  while (counter != 0) counter ^= 8
  return 0
}

export function waits(): i32 {
  const first = 1
  spin()
  return first
}
`

suite('a debug session', { timeout: 120_000 }, () => {
  let folder: string
  let file: string
  let target: Debugged['target']

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    ;({ file, target } = await compileDebugged(folder, { 'index.ts': assemblyScript }))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('launch, breakpoint, steps, variables, end: the answer is told and no process is left', async (t) => {
    const client = new DebugClient(t, target('run', 'Ada'))
    const [set] = await client.launch(file, [{ line: 18 }])
    assert.deepEqual([set?.verified, set?.line], [true, 18])
    assert.equal((await client.stop()).reason, 'breakpoint')
    assert.deepEqual(await client.stack(), ['run 18'])
    const { name, list, point, sum, i } = await client.variables()
    assert.deepEqual([name, list, sum, i], ['"Ada"', 'Array<i32>(3) [1, 2, 3]', '0', '0'])
    assert.equal(point, 'Point {x: 7, y: 2.5}')
    assert.equal((await client.variables(1))['counter'], '4')
    assert.equal((await client.go('stepIn')).reason, 'step')
    assert.deepEqual(await client.stack(), ['double 9', 'run 18'])
    await client.go('stepOut')
    await client.go('next')
    assert.deepEqual(await client.stack(), ['run 17'])
    assert.deepEqual(await client.setBreakpoints(file, []), [])
    await client.ask('continue', { threadId: 1 })
    await client.event('terminated')
    assert.match(client.output, /answered 5 in/)
    assert.match(client.output, /\nAda12\n/)
    await client.hostIsGone()
  })

  test('what is asked of breakpoints at once, before there is a module, is done in order', async (t) => {
    let build: () => void = () => undefined
    const built = new Promise<void>((resolve) => (build = resolve))
    const client = new DebugClient(t, async () => built.then(() => target('run', 'Ada')))
    const launched = client.ask('launch')
    await client.event('initialized')
    const asked = [[{ line: 9 }], [{ line: 9 }, { line: 18 }], [{ line: 18 }]]
    const setting = asked.map((lines) => client.setBreakpoints(file, lines))
    build()
    const set = await Promise.all(setting)
    assert.deepEqual(
      set.map((lines) => lines.map(({ verified, line }) => verified && line)),
      [[9], [9, 18], [18]],
    )
    await client.ask('configurationDone')
    await launched
    for (const turn of [0, 1, 2]) {
      await client.stop()
      assert.deepEqual(await client.stack(), ['run 18'])
      assert.equal((await client.variables())['i'], `${turn}`)
      await client.ask('continue', { threadId: 1 })
    }
    await client.event('terminated')
  })

  test('watches are worth what the source means, or say what is not there', async (t) => {
    const client = new DebugClient(t, target('run', 'Ada'))
    await client.launch(file, [{ line: 18, condition: 'i == 1 && name == "Ada"' }])
    await client.stop()
    const worth: [expression: string, worth: string | RegExp][] = [
      ['i', '1'],
      ['list[i] + list[2] * 10', '32'],
      ['point.x % 4', '3'],
      ['-point.y', '-2.5'],
      ['7 / 2', '3'],
      ['point.x / 2', '3'],
      ['point.y / 2', '1.25'],
      ['point.x / 0', /zero/],
      ['counter + 9007199254740993 == 9007199254740997', 'true'],
      ['counter + 9007199254740992 == 9007199254740997', 'false'],
      ['list[1 + 1]', '3'],
      ['name.length', '3'],
      ['list.length >= 3', 'true'],
      ['name + "!"', '"Ada!"'],
      ['!i || counter == 4', 'true'],
      ['list', 'Array<i32>(3) [1, 2, 3]'],
      ['nothing', /there is no nothing here/],
      ['point.z', /there is no \.z/],
      ['list[7]', /there is no \[7\]/],
      ['list + 1', /one side has parts/],
      ['i +', /something is missing/],
    ]
    for (const [expression, expected] of worth) {
      const found = await client.evaluate(expression)
      if (typeof expected === 'string') assert.equal(found, expected, expression)
      else assert.match(found, expected, expression)
    }
  })

  test('hit counts and logpoints, and lines without code', async (t) => {
    const client = new DebugClient(t, target('run', 'Ada'))
    const lines = [{ line: 18, hitCondition: '3' }, { line: 9, logMessage: 'n is {n}, {none}' }, { line: 10 }]
    const set = await client.launch(file, lines)
    assert.deepEqual(
      set.map(({ verified, line }) => [verified, line]),
      [
        [true, 18],
        [true, 9],
        [true, 13],
      ],
    )
    await client.stop()
    assert.equal((await client.go('continue')).reason, 'breakpoint')
    assert.equal((await client.variables())['i'], '2')
    assert.match(client.output, /n is 1, \{none: there is no none here\}/)
    const [late] = await client.setBreakpoints(file, [{ line: 900 }])
    assert.deepEqual([late?.verified, late?.message], [false, 'no code'])
    const [other] = await client.setBreakpoints('/elsewhere.ts', [{ line: 1 }])
    assert.equal(other?.message, 'other file')
  })

  test('a trap stops at its line, unless nobody wants that; then it is told what the call came to', async (t) => {
    const client = new DebugClient(t, target('broken'))
    await client.launch(file)
    const { reason, text } = await client.stop()
    assert.equal(reason, 'exception')
    assert.match(text ?? '', /^never mind \(index\.ts:25:21\) \(unreachable\)$/)
    assert.deepEqual(await client.stack(), ['broken 25'])
    assert.equal((await client.ask('exceptionInfo'))['exceptionId'], 'trap')
    await client.ask('continue', { threadId: 1 })
    await client.event('terminated')
    const unheeded = new DebugClient(t, target('broken'))
    await unheeded.ask('launch')
    await unheeded.ask('setExceptionBreakpoints', { filters: [] })
    await unheeded.ask('configurationDone')
    await unheeded.event('terminated')
    assert.match(unheeded.output, /CALL_TRAPPED: never mind/)
    assert.ok(unheeded.events.every(({ event }) => event !== 'stopped'))
  })

  test('a pause is never lost: soon after it goes on, in a step, at a breakpoint that does not hold', async (t) => {
    const client = new DebugClient(t, target('waits'))
    await client.launch(file, [{ line: 36 }])
    // The first code of the function is a call whose result is dropped.
    await client.stop()
    assert.deepEqual(await client.stack(), ['waits 36'])
    // Where it stands already there is nothing to pause.
    await client.ask('pause', { threadId: 1 })
    await client.ask('next', { threadId: 1 })
    assert.equal((await client.go('pause')).reason, 'pause')
    assert.deepEqual((await client.stack()).at(-1), 'waits 36')
    for (let turn = 0; turn < 30; turn++) {
      await client.ask('continue', { threadId: 1 })
      assert.equal((await client.go('pause')).reason, 'pause')
    }
    await client.setBreakpoints(file, [{ line: 30, condition: 'counter == 77' }])
    await client.ask('continue', { threadId: 1 })
    assert.equal((await client.go('pause')).reason, 'pause')
  })

  test('an endless call is paused, and ended where it stands; no process is left', async (t) => {
    const client = new DebugClient(t, target('spin'))
    // Once it goes round: before that a pause may stop in what sets the module up.
    await client.launch(file, [{ line: 30 }])
    await client.stop()
    await client.setBreakpoints(file, [])
    await client.ask('continue', { threadId: 1 })
    await client.ask('pause', { threadId: 1 })
    assert.equal((await client.stop()).reason, 'pause')
    assert.deepEqual(await client.stack(), ['spin 30'])
    await client.ask('disconnect')
    await client.hostIsGone()
  })

  test('what is beside the variables: vars, config, hosts, calls of the host, memory', async (t) => {
    const client = new DebugClient(t, target('run', 'Ada'))
    await client.launch(file, [{ line: 20 }])
    await client.stop()
    const host = await client.ask<{
      vars: { key: string; base64: string }[]
      config: Record<string, string>
      allowedHosts: string[]
      memoryBytes: number
    }>('host')
    assert.deepEqual(host.vars, [{ key: 'kept', base64: Buffer.from('as it was').toString('base64') }])
    assert.deepEqual([host.config, host.allowedHosts], [{ mode: 'test' }, ['example.org']])
    assert.ok(host.memoryBytes >= 65_536)
    const memory = { memoryReference: '0x0', offset: host.memoryBytes - 4, count: 8 }
    const { data, unreadableBytes } = await client.ask('readMemory', memory)
    assert.deepEqual([Buffer.from(String(data), 'base64').length, unreadableBytes], [4, 4])
  })
})
