import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { AssemblyScript } from '../../src/build/assemblyscript.ts'
import { BuildError } from '../../src/build/toolchain.ts'
import { findSource } from '../../src/build/source.ts'
import { answerOf } from '../helpers/answer.ts'
import {
  compilerWorkerUrl,
  limits,
  makeBuilder,
  makeSource,
  mediaFolder,
  writeFunction,
} from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const pdk = "import { Host, Var } from '@extism/as-pdk'\n"

test('AssemblyScript', async (t) => {
  const builder = makeBuilder(t)
  await builder.start()
  const parent = await temporaryFolder(t)

  await t.test('the template compiles and answers, without WASI', async () => {
    const source = await findSource(join(mediaFolder, 'templates/hello/assemblyscript'), limits)
    const { bytes, exports, sha256, toolchain } = await builder.compile(source)
    assert.deepEqual(exports, ['hello'])
    assert.match(sha256, /^[0-9a-f]{64}$/)
    assert.match(toolchain ?? '', /^assemblyscript \d+\.\d+\.\d+$/)
    assert.equal(await answerOf(bytes, 'hello', 'wasmate'), 'Hello, wasmate!')
    assert.equal(await answerOf(bytes, 'hello', ''), 'Hello, world!')
  })

  await t.test('the same source in two folders gives the same bytes, in a new thread as well', async (t) => {
    const files = {
      'index.ts': `${pdk}export function f(): i32 { if (Host.input().length > 9) throw new Error('x'); return 0 }`,
    }
    const one = await makeSource(join(parent, 'a'), 'same', files)
    const two = await makeSource(join(parent, 'b/deeper'), 'same', files)
    const first = await builder.compile(one)
    // Others in between must leave no trace.
    await builder.compile(
      await makeSource(parent, 'between', {
        'index.ts': `${pdk}export function g(): void { Var.set('a', Host.input()); new Map<string, i32>().set('x', 1) }`,
      }),
    )
    assert.equal((await builder.compile(two)).sha256, first.sha256)
    assert.equal((await makeBuilder(t).compile(two)).sha256, first.sha256)
    assert.ok(!Buffer.from(first.bytes).includes(parent))
  })

  await t.test('a mistake names its file, line and column', async () => {
    const source = await makeSource(parent, 'wrong', {
      'index.ts': "import { twice } from './lib/twice'\nexport function f(): i32 {\n  return twice(1)\n}\n",
      'lib/twice.ts': 'export function twice(n: i32): i32 {\n  return n * "2"\n}\n',
    })
    const error = await failure(builder.compile(source))
    assert.equal(error.code, 'BUILD_FAILED')
    const [first] = error.diagnostics
    assert.deepEqual(
      { file: first?.file, line: first?.line, severity: first?.severity },
      { file: 'lib/twice.ts', line: 2, severity: 'error' },
    )
    assert.ok(error.message.includes(`lib/twice.ts:2:${first?.column}: `))
  })

  await t.test('what does not parse is told, and the next compilation works', async () => {
    const broken = await makeSource(parent, 'broken', { 'index.ts': 'export function f(: i32 {\n' })
    const error = await failure(builder.compile(broken))
    assert.deepEqual([error.diagnostics[0]?.file, error.diagnostics[0]?.line], ['index.ts', 1])
    const mended = await makeSource(parent, 'broken', {
      'index.ts': 'export function f(): i32 { return 0 }\n',
    })
    assert.deepEqual((await builder.compile(mended)).exports, ['f'])
  })

  await t.test('an import that is not there names the line that asks for it', async () => {
    const source = await makeSource(parent, 'lost', {
      'index.ts': "import { a } from 'no-such-package'\nexport function f(): i32 { return a }\n",
    })
    const error = await failure(builder.compile(source))
    assert.deepEqual([error.diagnostics[0]?.file, error.diagnostics[0]?.line], ['index.ts', 1])
    assert.match(error.message, /no-such-package/)
  })

  await t.test('a package of the function itself goes before ours, with what it imports', async () => {
    const source = await makeSource(parent, 'own', {
      'index.ts': "import { answer } from '@extism/as-pdk'\nexport function f(): i32 { return answer() }\n",
      'node_modules/@extism/as-pdk/index.ts':
        "import { number } from 'deep/part'\nexport function answer(): i32 { return number }\n",
      'node_modules/@extism/as-pdk/node_modules/deep/part.ts': 'export const number: i32 = 0\n',
    })
    const { bytes } = await builder.compile(source)
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(new Uint8Array(bytes))), [])
  })

  await t.test('what a function throws reaches the caller with its place', async () => {
    const source = await makeSource(parent, 'throws', {
      'index.ts': "export function f(): i32 {\n  throw new Error('no luck today')\n}\n",
    })
    const { bytes } = await builder.compile(source)
    assert.equal(await errorSetBy(bytes, 'f'), 'no luck today (index.ts:2:3)')
  })

  await t.test('console, the clock and random numbers work', async () => {
    const source = await makeSource(parent, 'ambient', {
      'index.ts': `${pdk}export function f(): i32 {
        console.log('a line'); console.time('t'); console.timeEnd('t'); trace('x', 1, 2)
        const bytes = new Uint8Array(4); crypto.getRandomValues(bytes)
        const fine = Date.now() > 1_600_000_000_000 && Math.random() != Math.random() && performance.now() > 0
        Host.outputString(fine ? 'fine' : 'not fine'); return 0 }`,
    })
    const { bytes } = await builder.compile(source)
    assert.equal(await answerOf(bytes, 'f', '', { wasi: true }), 'fine')
  })

  await t.test('an instance gives memory back between calls', async () => {
    const source = await makeSource(parent, 'garbage', {
      'index.ts':
        "export function f(): i32 { let s = 'x'; for (let i = 0; i < 2000; i++) s = s + 'yyyy'; return s.length > 0 ? 0 : 1 }\n",
    })
    const { bytes } = await builder.compile(source)
    const module = new WebAssembly.Module(new Uint8Array(bytes))
    const refuse = (): never => assert.fail('nothing is to be reported')
    const host = { alloc: refuse, store_u8: refuse, error_set: refuse }
    const { f, memory } = new WebAssembly.Instance(module, { 'extism:host/env': host }).exports
    assert.ok(isFunction(f) && memory instanceof WebAssembly.Memory)
    for (let call = 0; call < 50; call++) f()
    // 50 calls make 400 MB of text.
    assert.ok(memory.buffer.byteLength < 8_000_000, `${memory.buffer.byteLength} bytes`)
  })

  await t.test('cancelled, it ends at once, and others still get theirs', async () => {
    const source = await makeSource(parent, 'other', {
      'index.ts': 'export function f(): i32 { return 0 }\n',
    })
    const cancel = new AbortController()
    const cancelled = builder.compile(source, { signal: cancel.signal })
    const waiting = builder.compile(source)
    cancel.abort()
    await assert.rejects(cancelled, { code: 'CANCELLED' })
    assert.deepEqual((await waiting).exports, ['f'])
    await assert.rejects(builder.compile(source, { signal: AbortSignal.abort() }), { code: 'CANCELLED' })
  })

  await t.test('a compilation without an end is given up, and the next one works', async () => {
    // Each of 18 generic functions calls the next one with two new types: 2^18 functions.
    const chain = Array.from(
      { length: 18 },
      (_, n) => `function g${n}<T>(): i32 { return g${n + 1}<Map<T, i32>>() + g${n + 1}<Map<T, i64>>() }`,
    )
    const endless = await makeSource(parent, 'endless', {
      'index.ts': `${chain.join('\n')}\nfunction g18<T>(): i32 { return 0 }\nexport function f(): i32 { return g0<i32>() }\n`,
    })
    const cancel = new AbortController()
    const work = builder.compile(endless, { signal: cancel.signal })
    setTimeout(() => cancel.abort(), 50)
    await assert.rejects(work, { code: 'CANCELLED' })
    const source = await makeSource(parent, 'after', {
      'index.ts': 'export function f(): i32 { return 0 }\n',
    })
    assert.deepEqual((await builder.compile(source)).exports, ['f'])
  })

  await t.test('a compilation that takes too long is ended and says so', async (t) => {
    const source = await makeSource(parent, 'slow', { 'index.ts': 'export function f(): i32 { return 0 }\n' })
    const runtime = { mediaFolder, workerUrl: compilerWorkerUrl }
    const hasty = new AssemblyScript({ ...runtime, timeoutMs: 1 })
    t.after(() => hasty.stop())
    await assert.rejects(hasty.compile(source, {}), { code: 'BUILD_FAILED', message: /longer than 1 ms/ })
  })

  await t.test('a thread that can not start is an error, not the end of the process', async (t) => {
    const source = await makeSource(parent, 'nowhere', {
      'index.ts': 'export function f(): i32 { return 0 }\n',
    })
    const lost = makeBuilder(t, { workerUrl: new URL('file:///no/such/worker.mjs') })
    for (let time = 0; time < 2; time++) {
      await assert.rejects(lost.compile(source), { code: 'INTERNAL', message: /no\/such\/worker/ })
    }
  })

  await t.test('after a stop nothing is left, and it can be used again', async (t) => {
    const source = await makeSource(parent, 'again', {
      'index.ts': 'export function f(): i32 { return 0 }\n',
    })
    const other = makeBuilder(t)
    await other.start()
    const cut = assert.rejects(other.compile(source), { code: 'CANCELLED' })
    await other.stop()
    await cut
    await other.stop()
    assert.deepEqual((await other.compile(source)).exports, ['f'])
  })

  await t.test('nothing callable is refused', async () => {
    const source = await makeSource(parent, 'none', {
      'index.ts': 'export function f(a: i32): i32 { return a }\n',
    })
    await assert.rejects(builder.compile(source), { code: 'WASM_NO_EXPORTS' })
  })

  await t.test('a default export that the module has not is refused', async () => {
    const folder = await writeFunction(parent, 'promised', {
      'index.ts': 'export function f(): i32 { return 0 }\n',
      'wasmate.json': '{ "exports": ["greet"] }',
    })
    await assert.rejects(builder.compile(await findSource(folder, limits)), {
      code: 'MANIFEST_INVALID',
      message: /"greet".*f/,
    })
  })
})

async function failure(work: Promise<unknown>): Promise<BuildError> {
  const error: unknown = await work.then(
    () => assert.fail('it was to fail'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof BuildError, String(error))
  return error
}

/** Calls until the trap, and gives what the function had set as its error. */
async function errorSetBy(bytes: Uint8Array, name: string): Promise<string> {
  const host = new Uint8Array(1024)
  let end = 8
  let block = 0
  const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes), {
    'extism:host/env': {
      alloc: (length: bigint): bigint => BigInt((end += Number(length)) - Number(length)),
      store_u8: (at: bigint, value: number): void => void (host[Number(at)] = value),
      error_set: (at: bigint): void => void (block = Number(at)),
    },
  })
  const call = instance.exports[name]
  assert.ok(isFunction(call))
  assert.throws(() => void call(), WebAssembly.RuntimeError)
  return Buffer.from(host.subarray(block, end)).toString()
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function'
}
