// Modules that can't be run, deployed all the same: each is refused with its own code, and what answers goes on.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { compileC } from '../helpers/plugins.ts'
import { type Running, chainIs, up, wasmate } from '../helpers/wasmate.ts'

const hello = await compileC(`EXPORT(hello) int hello(void) { say("hello"); return 0; }`)

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
// One function `f` without parameters whose body the tests choose.
const types = [1, 4, 1, 0x60, 0, 0]
const exported = [7, 5, 1, 1, ...Buffer.from('f'), 0, 0]
const functions = [3, 2, 1, 0]

/** A section that engines pass over, `size` bytes of it. */
function padding(size: number): Buffer {
  const length = [
    (size & 127) | 128,
    ((size >> 7) & 127) | 128,
    ((size >> 14) & 127) | 128,
    (size >> 21) & 127,
  ]
  return Buffer.concat([Buffer.from([0, ...length, 1, ...Buffer.from('x')]), Buffer.alloc(size - 2)])
}

const bad: Record<string, [bytes: Uint8Array, code: string]> = {
  'is no wasm': [Buffer.from('hello there, this is text'), 'WASM_INVALID'],
  'ends half-way': [hello.subarray(0, hello.length / 2), 'WASM_INVALID'],
  'does not validate': [
    // An i32 left on the stack of a function that returns nothing.
    Uint8Array.from([...header, ...types, ...functions, ...exported, 10, 6, 1, 4, 0, 0x41, 0, 0x0b]),
    'WASM_INVALID',
  ],
  'imports what nobody has': [
    Uint8Array.from([
      ...[...header, ...types, 2, 7, 1, 1, ...Buffer.from('m'), 1, ...Buffer.from('n'), 0, 0],
      ...[...functions, 7, 5, 1, 1, ...Buffer.from('f'), 0, 1, 10, 4, 1, 2, 0, 0x0b],
    ]),
    'WASM_IMPORT_UNKNOWN',
  ],
  'exports nothing': [
    Uint8Array.from([...header, ...types, ...functions, 10, 4, 1, 2, 0, 0x0b]),
    'WASM_NO_EXPORTS',
  ],
}

/** Two functions, of which the first is called and the second is the start section's and traps. */
const trapsInStart = Uint8Array.from([
  ...[...header, ...types, 3, 3, 2, 0, 0, ...exported, 8, 1, 1],
  ...[10, 8, 2, 2, 0, 0x0b, 3, 0, 0, 0x0b],
])

suite('modules that can not be run', () => {
  let cwd: string
  let running: Running

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
    running = await up({ cwd, args: ['--set', 'content.maxFetchBytes=50000000'] })
    await chainIs(running.state, 'ready')
    assert.equal((await deploy('hello', hello)).code, 0)
  })

  after(async () => {
    await running.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const deploy = async (name: string, bytes: Uint8Array): Promise<{ code: number | null; said: string }> => {
    await writeFile(join(cwd, `${name}.wasm`), bytes)
    const { code, stderr, stdout } = await wasmate(['deploy', `${name}.wasm`, '--wait'], { cwd })
    return { code, said: stderr + stdout }
  }

  const call = (name: string): Promise<Response> => {
    return fetch(`${running.state.urls.functions}/functions/${name}`, { method: 'POST' })
  }

  const answers = async (): Promise<void> => assert.equal(await (await call('hello')).text(), 'hello')

  for (const [index, [kind, [bytes, code]]] of Object.entries(bad).entries()) {
    test(`one that ${kind} is refused with ${code}`, async () => {
      const refused = await deploy(`bad-${index}`, bytes)
      assert.notEqual(refused.code, 0)
      assert.match(refused.said, new RegExp(code))
      // What could be registered all the same is refused with its reason, the rest is not there.
      const problem = (await (await call(`bad-${index}`)).json()) as { code: string }
      assert.ok([code, 'FUNCTION_NOT_FOUND'].includes(problem.code), problem.code)
      await answers()
    })
  }

  test('one whose start traps answers each call with the trap', async () => {
    const { code, said } = await deploy('traps', trapsInStart)
    assert.equal(code, 0, said)
    for (let index = 0; index < 3; index++) {
      const response = await call('traps')
      assert.equal(response.status, 500)
      assert.equal(((await response.json()) as { code: string }).code, 'CALL_TRAPPED')
    }
    await answers()
  })

  test('one of 100 MB is refused over the limit, and nothing else waits for it', async () => {
    const bytes = Buffer.concat([hello, padding(100_000_000)])
    const large = deploy('large', bytes)
    for (let index = 0; index < 20; index++) await answers()
    const { code, said } = await large
    assert.notEqual(code, 0)
    assert.match(said, new RegExp(`CONTENT_TOO_LARGE.*${bytes.length} bytes`))
    await answers()
  })
})
