// Sessions with much in them: maps of many entries, breakpoints that are hit many times, calls far down.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { DebugClient } from '../helpers/debug-client.ts'
import { type Debugged, compileDebugged } from '../helpers/debugged.ts'

const assemblyScript = `function deep(n: i32): i32 {
  if (n == 0) {
    return 1
  }
  return deep(n - 1) + 1
}

export function recurse(): i32 {
  return deep(10_000) == 0 ? 1 : 0
}

export function maps(): i32 {
  const names = new Map<string, i32>()
  const numbers = new Map<i32, i32>()
  for (let i = 0; i < 12_000; i++) {
    names.set('key' + i.toString(), i)
    numbers.set(i * 3, i)
  }
  names.delete('key5')
  return names.size == numbers.size ? 1 : 0
}

let turns: i64 = 0

export function spins(): i32 {
  while (turns >= 0) {
    turns ^= 2
  }
  return 0
}

export function loops(): i32 {
  let sum = 0
  for (let i = 0; i < 10; i++) {
    sum += i
  }
  return sum == 0 ? 1 : 0
}
`

suite('a debug session with much in it', { timeout: 120_000 }, () => {
  let folder: string
  let file: string
  let target: Debugged['target']

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    ;({ file, target } = await compileDebugged(folder, { 'index.ts': assemblyScript }))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('maps of many entries are shown at once, counted rightly, and each of their entries is found', async (t) => {
    const client = new DebugClient(t, target('maps'))
    await client.launch(file, [{ line: 20 }])
    await client.stop()
    const begun = performance.now()
    const { names = '', numbers = '' } = await client.variables()
    assert.match(names, /^Map<String,i32>\(11999\) \{"key0": 0, /)
    assert.match(numbers, /^Map<i32,i32>\(12000\) \{0: 0, 3: 1, /)
    const worth = {
      ...{ 'names.size': '11999', 'numbers.size == 12000': 'true', 'names["key11000"]': '11000' },
      ...{ 'numbers[33000]': '11000', 'names["key5"]': 'INTERNAL: there is no ["key5"]' },
    }
    for (const [expression, expected] of Object.entries(worth))
      assert.equal(await client.evaluate(expression), expected)
    const shown = await client.ask<{ variablesReference: number }>('evaluate', { expression: 'names' })
    const page = {
      variablesReference: shown.variablesReference,
      filter: 'indexed',
      start: 11_900,
      count: 100,
    }
    const { variables } = await client.ask<DebugProtocol.VariablesResponse['body']>('variables', page)
    assert.deepEqual([variables.length, variables.at(-1)?.name], [99, '"key11999"'])
    // Entry by entry it took the better part of a minute.
    assert.ok(performance.now() - begun < 15_000)
  })

  test('a count of hits goes on when another breakpoint of the source is set', async (t) => {
    const client = new DebugClient(t, target('loops'))
    const third = { line: 35, hitCondition: '3' }
    await client.launch(file, [third])
    await client.stop()
    assert.equal((await client.variables())['i'], '2')
    await client.setBreakpoints(file, [third, { line: 37 }])
    await client.go('continue')
    assert.equal((await client.variables())['i'], '3')
  })

  test('a count of hits that means nothing stops, and says so', async (t) => {
    const stops = { '% 0': '0', '% none': '0', '%': '0', '% 3': '2', '% 3 == 1': '0', '> 4': '4' }
    for (const [hitCondition, i] of Object.entries(stops)) {
      const client = new DebugClient(t, target('loops'))
      await client.launch(file, [{ line: 35, hitCondition }])
      await client.stop()
      assert.equal((await client.variables())['i'], i, hitCondition)
      assert.equal(
        client.output.startsWith(`${hitCondition}: `),
        ['% 0', '% none', '%'].includes(hitCondition),
      )
      await client.ask('disconnect')
    }
  })

  test('ended while a condition is looked at it tells no stop, and nothing of the condition', async (t) => {
    for (const ms of [100, 107, 114, 121, 128, 135]) {
      const client = new DebugClient(t, target('spins'))
      await client.launch(file, [{ line: 27, condition: 'turns == 77' }])
      await delay(ms)
      await client.ask('terminate')
      await client.hostIsGone()
      assert.deepEqual([client.named('stopped'), client.output], [[], ''])
    }
  })

  test('of a call 10,000 deep the stack is told a part at a time', async (t) => {
    const client = new DebugClient(t, target('recurse'))
    await client.launch(file, [{ line: 3 }])
    await client.stop()
    const part = { threadId: 1, startFrame: 10_000, levels: 20 }
    const told = await client.ask<DebugProtocol.StackTraceResponse['body']>('stackTrace', part)
    assert.equal(told.totalFrames, 10_002)
    const names = told.stackFrames.map(({ id, name, line }) => `${id} ${name} ${line}`)
    assert.deepEqual(names, ['10001 deep 5', '10002 recurse 9'])
  })
})
