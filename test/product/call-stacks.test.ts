// A call that breaks off says where in its source: to who asks, in its record and in its receipt.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { CallStack, Problem } from '../../src/base/errors.ts'
import { ControlClient } from '../../src/client/control.ts'
import { compileReady } from '../helpers/ready.ts'
import { type Running, up, wasmate } from '../helpers/wasmate.ts'

const assemblyScript = `import { Host } from '@extism/as-pdk'
import { check, pick } from './check'

export function hello(): i32 {
  const name = Host.inputString()
  check(name)
  const numbers: i32[] = [1, 2]
  Host.outputString(
    pick(numbers, name.length).toString(),
  )
  return 0
}
`
const imported = `export function check(name: string): void {
  if (name.length == 0) {
    throw new Error('no name')
  }
}

/** So small that it is put in the place of its call. */
export function pick(numbers: i32[], at: i32): i32 {
  return numbers[at]
}
`
const c = `#include "extism-pdk.h"

static volatile int zero;

__attribute__((noinline)) static int divide(int number) {
  return number / zero;
}

EXTISM_EXPORT(halve) int halve(void) {
  zero = 0;
  return divide(7) + 1;
}
`

suite('where a call broke off', { timeout: 300_000 }, () => {
  let cwd: string
  let running: Running

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    for (const name of ['hello', 'halve']) await mkdir(join(cwd, name))
    await writeFile(join(cwd, 'hello/index.ts'), assemblyScript)
    await writeFile(join(cwd, 'hello/check.ts'), imported)
    await writeFile(join(cwd, 'halve/index.c'), c)
    // No chain is needed for any of it.
    running = await up({ cwd, devnet: join(cwd, 'no-devnet') })
  })
  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const deploy = async (path: string): Promise<string> => {
    const { json } = await wasmate(['deploy', path, '--json'], { cwd })
    return (json[0] as { pin: { cid: string } }).pin.cid
  }
  const invoke = async (cid: string, input: string): Promise<Problem> => {
    const { json } = await wasmate(['invoke', cid, '--input', input, '--json'], { cwd })
    return json[0]?.['error'] as Problem
  }
  const places = ({ frames }: CallStack): string[] =>
    frames.map(({ name, file, line }) => `${name} ${file}:${line}`)

  test('AssemblyScript: a throw, in the file that it stands in', async () => {
    const problem = await invoke(await deploy('hello'), '')
    assert.match(problem.detail, /no name \(check\.ts:3:5\)/)
    assert.equal(problem.callStack?.linesMissing, undefined)
    assert.deepEqual(places(problem.callStack as CallStack).slice(0, 2), [
      'check check.ts:3',
      'hello index.ts:6',
    ])
    const [place] = problem.diagnostics ?? []
    assert.deepEqual([place?.file, place?.line, place?.severity], ['check.ts', 3, 'error'])
  })

  test('AssemblyScript: what a library throws, called by a function that the module has no more', async () => {
    const problem = await invoke(await deploy('hello'), 'Ada')
    const [library = '', ...own] = places(problem.callStack as CallStack)
    assert.match(library, /~lib\/array\.ts:\d+$/)
    assert.deepEqual(own, ['pick check.ts:9', 'hello index.ts:9'])
    const [place] = problem.diagnostics ?? []
    assert.deepEqual([place?.file, place?.line], ['check.ts', 9])
  })

  test('C: every function of the stack', async () => {
    const problem = await invoke(await deploy('halve'), '')
    assert.match(problem.detail, /^The function trapped: divide by zero/)
    assert.deepEqual(places(problem.callStack as CallStack).slice(0, 2), [
      'divide index.c:6',
      'halve index.c:11',
    ])
  })

  test('a ready module: by its own DWARF, else it is said why not', async () => {
    const made = { file: 'wild.c', source: c }
    await writeFile(join(cwd, 'wild.wasm'), await compileReady(join(cwd, 'src'), made))
    const bare = { ...made, flags: ['-O1'] }
    await writeFile(join(cwd, 'bare.wasm'), await compileReady(join(cwd, 'src'), bare))
    const told = await invoke(await deploy('wild.wasm'), '')
    assert.equal(places(told.callStack as CallStack)[0], 'divide src/wild.c:6')
    const { callStack, diagnostics } = await invoke(await deploy('bare.wasm'), '')
    assert.equal(callStack?.linesMissing, 'it has no DWARF: compile it with -g')
    assert.ok(callStack.frames.every(({ file, offset }) => file === undefined && offset > 0))
    assert.equal(diagnostics, undefined)
  })

  test('the record and the receipt hold it, and the command line shows it', async () => {
    const cid = await deploy('halve')
    const { stderr } = await wasmate(['invoke', cid], { cwd })
    assert.match(
      stderr,
      /\n {2}at divide \(index\.c:6:\d+\)\n {2}at halve \(index\.c:11:\d+\)\n {2}receipt: \w+\n {2}next: /,
    )
    const [record] = await new ControlClient(running.state).stream('history', { limit: 1 }, {})
    assert.deepEqual(places(record?.problem?.callStack as CallStack).length, 2)
    const { code, stdout } = await wasmate(['replay', record?.receipt ?? ''], { cwd })
    assert.equal(code, 0)
    assert.match(stdout, /\n +at divide \(index\.c:6:\d+\)\n/)
  })

  test('over HTTP those who ask for a receipt are told, and nobody else; the record has it', async () => {
    const cid = await deploy('halve')
    const post = async (headers: Record<string, string>): Promise<Problem> => {
      const url = `${running.state.urls.functions}/functions/${cid}`
      return (await (await fetch(url, { method: 'POST', headers })).json()) as Problem
    }
    assert.ok((await post({ 'wasmate-receipt': 'wanted' })).callStack)
    const { callStack, diagnostics } = await post({})
    assert.deepEqual([callStack, diagnostics], [undefined, undefined])
    const [record] = await new ControlClient(running.state).stream('history', { limit: 1 }, {})
    assert.equal(record?.via, 'http')
    assert.equal(record.problem?.diagnostics?.[0]?.line, 6)
  })

  test('a source that has changed since it was built: that is the reason given', async () => {
    const path = join(cwd, 'halve/index.c')
    // Lines that were asked for once are kept: this one's were not.
    await writeFile(path, c.replace('7', '9'))
    const cid = await deploy('halve')
    await writeFile(path, `\n${c}`)
    const { callStack } = await invoke(cid, '')
    assert.equal(callStack?.linesMissing, 'its source has changed since it was built')
    assert.equal(callStack.frames[0]?.file, undefined)
  })
})
