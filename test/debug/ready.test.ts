// Ready modules under the debugger: C and C++ compiled here, Zig and Rust as their compilers made them (their sources
// in fixtures/ready say how), Go compiled here, which tells names alone.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { DebugClient, debugTarget } from '../helpers/debug-client.ts'
import { compileGo } from '../helpers/plugins.ts'
import { type ReadyModule, goSource, makeReadyModules } from '../helpers/ready.ts'

suite('ready modules', { timeout: 240_000 }, () => {
  let folder: string
  let modules: Record<string, ReadyModule>

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    modules = await makeReadyModules(folder)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const name of ['c4', 'c5', 'cpp4', 'cpp5', 'zig', 'rust']) {
    test(`${name}: breakpoint, condition, steps, stack, locals, globals`, async (t) => {
      const { bytes, file, adds, locals, globals, added } = modules[name] as ReadyModule
      const client = new DebugClient(t, debugTarget(bytes, 'run'))
      const [set] = await client.launch(file, [{ line: adds, condition: added.condition }])
      assert.deepEqual([set?.verified, set?.line], [true, adds])
      await client.stop()
      assert.deepEqual(await client.stack(), [`run ${adds}`])
      const [found, foundGlobals] = [await client.variables(), await client.variables(1)]
      for (const [variable, value] of Object.entries(locals)) assert.equal(found[variable], value, variable)
      for (const [variable, value] of Object.entries(globals))
        assert.equal(foundGlobals[variable], value, variable)
      await client.go('stepIn')
      assert.deepEqual(await client.stack(), [`${added.name} ${added.line}`, `run ${adds}`])
      assert.deepEqual((await client.variables())['b'], added.b)
      await client.go('next')
      assert.deepEqual(await client.stack(), [`${added.name} ${added.next}`, `run ${adds}`])
      await client.go('stepOut')
      assert.deepEqual(await client.stack(), [`run ${adds}`])
    })

    test(`${name}: logpoints and hit counts`, async (t) => {
      const { bytes, file, added } = modules[name] as ReadyModule
      const client = new DebugClient(t, debugTarget(bytes, 'run'))
      await client.launch(file, [
        { line: added.line, logMessage: 'b is {b}' },
        { line: added.next, hitCondition: '2' },
      ])
      await client.stop()
      const second = String(Number(added.b) - 1)
      assert.equal((await client.variables())['b'], second)
      assert.match(client.output, new RegExp(`b is \\d\n[^]*b is ${second}\n$`))
    })

    test(`${name}: a trap at its line, and a pause`, async (t) => {
      const { bytes, file, trap, spins } = modules[name] as ReadyModule
      const client = new DebugClient(t, debugTarget(bytes, 'broken'))
      await client.launch(file)
      const { reason, text } = await client.stop()
      assert.deepEqual([reason, text], ['exception', trap.says])
      assert.equal((await client.stack()).at(-1), `broken ${trap.line}`)
      const spinning = new DebugClient(t, debugTarget(bytes, 'spin'))
      await spinning.launch(file)
      await spinning.ask('pause', { threadId: 1 })
      assert.equal((await spinning.stop()).reason, 'pause')
      const lines = spins.map((line) => `spin ${line}`)
      assert.ok(lines.includes((await spinning.stack()).join()))
    })
  }

  test('go: names of functions, numbers of WebAssembly, steps by functions, pause', async (t) => {
    const bytes = await compileGo(goSource, true)
    const client = new DebugClient(t, debugTarget(bytes, 'spin', 'Ada'))
    const [set] = await client.launch('/work/main.go', [{ line: 3 }])
    assert.equal(set?.verified, false)
    const stopIn = async (name: string): Promise<string[]> => {
      // Its runtime starts first.
      for (;;) {
        await client.ask('pause', { threadId: 1 })
        assert.equal((await client.stop()).reason, 'pause')
        const stack = await client.stack()
        if (stack.includes(`${name} 0`)) return stack
        await client.ask('continue', { threadId: 1 })
      }
    }
    const [top] = await stopIn('main.turn')
    const turning = ['main.turn 0', 'main.spin 0', 'spin 0']
    if (top !== 'main.turn 0') await client.go('stepOut')
    assert.deepEqual(await client.stack(), turning)
    assert.match(Object.entries(await client.variables())[0]?.join(' ') ?? '', /^\$0 -?\d+$/)
    await client.go('stepIn')
    const [inner, ...around] = await client.stack()
    assert.match(inner ?? '', /^main\.(?:add|inputLength) 0$/)
    assert.deepEqual(around, turning)
    await client.go('next')
    assert.deepEqual(await client.stack(), turning)
  })

  test('go: a panic is a trap; leaving with 0 is none', async (t) => {
    const bytes = await compileGo(goSource, true)
    const client = new DebugClient(t, debugTarget(bytes, 'broken'))
    await client.launch('/work/main.go')
    const { reason, text } = await client.stop()
    assert.deepEqual([reason, text], ['exception', 'unreachable'])
    assert.deepEqual((await client.stack()).slice(-3), [
      'runtime.goPanicIndex 0',
      'main.broken 0',
      'broken 0',
    ])
    const leaving = new DebugClient(t, debugTarget(bytes, 'leaves'))
    await leaving.launch('/work/main.go')
    await leaving.event('terminated')
    assert.match(leaving.output, /answered 0 in/)
  })
})
