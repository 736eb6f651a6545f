// Ready modules in VS Code's own debugger: by their DWARF, of four languages; by names alone, of Go.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { Uri, debug } from 'vscode'
import type { ReadyModule } from '../helpers/ready.ts'
import { until } from '../helpers/until.ts'
import { Watched, go, setBreakpoints, stack, start, variables } from './debugged.ts'
import { ask, fs } from './editor.ts'
import { place, setMode } from './sources.ts'

const languages = { c5: 'C', cpp5: 'C++', zig: 'Zig', rust: 'Rust' }

describe('a ready module', () => {
  const watched = new Watched()
  let modules: Record<string, Omit<ReadyModule, 'bytes'>>

  before(async () => {
    await setMode('off')
    modules = await ask('makeReady', { names: Object.keys(languages) })
  })

  after(async () => {
    watched.dispose()
    debug.removeBreakpoints(debug.breakpoints)
    await debug.stopDebugging()
    for (const name of [...Object.keys(languages), 'go'])
      await fs.delete(place(`ready-${name}`), { recursive: true })
  })

  const end = async (): Promise<void> => {
    await debug.stopDebugging()
    await watched.end()
  }
  const lines = async (): Promise<string[]> =>
    (await stack(watched.last)).map(({ name, line }) => `${name} ${line}`)
  const pause = async (): Promise<string[]> => {
    await watched.last.session.customRequest('pause', { threadId: 1 })
    assert.equal((await watched.stop())['reason'], 'pause')
    return lines()
  }

  for (const [name, language] of Object.entries(languages)) {
    it(`of ${language} stops at a line under a condition, steps, and its variables read as what they are`, async () => {
      const { file, adds, added, locals, globals } = modules[name] as ReadyModule
      setBreakpoints(Uri.file(file), [{ line: adds, condition: added.condition }])
      await start({ function: `ready-${name}`, export: 'run' })
      await watched.stop()
      const [top] = await stack(watched.last)
      assert.deepEqual([top?.name, top?.line, top?.source?.path], ['run', adds, file])
      const found = { ...(await variables(watched.last)), ...(await variables(watched.last, 1)) }
      for (const [variable, value] of Object.entries({ ...locals, ...globals }))
        assert.equal(found[variable], value)
      const seen: string[] = []
      for (const how of ['stepIn', 'next', 'stepOut']) {
        await go(watched.last, how)
        await watched.stop()
        seen.push((await lines())[0] ?? '')
      }
      assert.deepEqual(seen, [`add ${added.line}`, `add ${added.next}`, `run ${adds}`])
      await end()
    })

    it(`of ${language} counts hits, and says what a logpoint is to say`, async () => {
      const { file, added } = modules[name] as ReadyModule
      setBreakpoints(Uri.file(file), [
        { line: added.line, logMessage: 'b is {b}' },
        { line: added.next, hitCondition: '2' },
      ])
      await start({ function: `ready-${name}`, export: 'run' })
      await watched.stop()
      const second = String(Number(added.b) - 1)
      assert.equal((await variables(watched.last))['b'], second)
      assert.match(await watched.output(), new RegExp(`b is \\d\n[^]*b is ${second}\n`))
      await end()
    })

    it(`of ${language} stops at the line of a trap, and where it is paused`, async () => {
      const { trap, spins } = modules[name] as ReadyModule
      debug.removeBreakpoints(debug.breakpoints)
      await start({ function: `ready-${name}`, export: 'broken' })
      const { reason, text } = await watched.stop()
      assert.deepEqual([reason, text], ['exception', trap.says])
      assert.equal((await lines()).at(-1), `broken ${trap.line}`)
      await end()
      await start({ function: `ready-${name}`, export: 'spin' })
      const [top] = await pause()
      assert.ok(
        spins.some((line) => top === `spin ${line}`),
        top,
      )
      await end()
    })
  }

  it('of Go says that it tells no lines; its functions have names, and a panic is a trap', async () => {
    await start({ function: 'ready-go', export: 'broken' })
    assert.equal((await watched.stop())['reason'], 'exception')
    assert.deepEqual((await lines()).slice(-2), ['main.broken 0', 'broken 0'])
    assert.match(Object.keys(await variables(watched.last, 0, 3))[0] ?? '', /^\$0$/)
    assert.match(await watched.output(), /index\.wasm says nothing of its source: it has no DWARF/)
    await end()
    await start({ function: 'ready-go', export: 'spin' })
    // Its runtime starts first.
    await until(async () => {
      const isTurning = (await pause()).includes('main.turn 0')
      if (!isTurning) await go(watched.last, 'continue')
      return isTurning
    }, 'it turns')
    await go(watched.last, 'stepIn')
    await watched.stop()
    assert.ok((await lines()).includes('main.turn 0'))
    await end()
  })
})
