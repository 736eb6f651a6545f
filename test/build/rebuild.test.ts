// A published source built again: the same bytes wherever it is, and nothing of this machine for a hostile one.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, after, test } from 'node:test'
import { openPublished, readSourceFiles } from '../../src/build/files.ts'
import type { BuildRecord, PublishedSource } from '../../src/build/files.ts'
import { type RebuildOptions, rebuild } from '../../src/build/rebuild.ts'
import { silentLog } from '../../src/base/log.ts'
import type { WasmModule } from '../../src/model.ts'
import { compilerWorkerUrl, makeBuilder, makeSource, mediaFolder } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const options: RebuildOptions = {
  pathEnv: process.env['PATH'] ?? '',
  mediaFolder,
  workerUrl: compilerWorkerUrl,
  log: silentLog,
}

const c = '#include <extism-pdk.h>\n'
const answer = 'EXTISM_EXPORT(f) int32_t f(void) { return 0; }\n'

function published(files: Record<string, string>, record: Partial<BuildRecord> = {}): PublishedSource {
  const entry = Object.keys(files)[0] ?? ''
  const language = entry.endsWith('.c') ? 'c' : 'assemblyscript'
  return {
    files: Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    record: { toolchain: 'clang 1.0', sha256: '0'.repeat(64), language, entry, ...record },
  }
}

function again(source: PublishedSource, more: Partial<RebuildOptions> = {}): Promise<WasmModule> {
  return rebuild(source, { ...options, ...more }, {})
}

/** Compiled here as its author would, published, opened and built again. */
async function throughPublishing(
  t: TestContext,
  files: Record<string, string>,
): Promise<{ built: WasmModule; rebuilt: WasmModule }> {
  const source = await makeSource(join(await temporaryFolder(t), 'some/where'), 'fn', files)
  const built = await makeBuilder(t).compile(source)
  return { built, rebuilt: await again(openPublished(await readSourceFiles(source, built))) }
}

/** Temporary files of this process alone, so that what is left can be seen. */
const scratch = await mkdtemp(join(tmpdir(), 'wasmate-test-'))
process.env['TMPDIR'] = scratch
after(() => rm(scratch, { recursive: true, force: true }))

async function leftovers(): Promise<string[]> {
  return (await readdir(scratch)).filter((name) => !name.startsWith('wasmate-test-'))
}

test('C gives the same bytes from its published source, confined as it is', async (t) => {
  const { built, rebuilt } = await throughPublishing(t, {
    'src/main.c': `${c}#include <string.h>\n#include "../inc/part.h"\nconst char *at = __FILE__;\nEXTISM_EXPORT(f) int32_t f(void) { extism_output_text(at); return (int32_t) strlen(PART) ? 0 : 1; }\n`,
    'inc/part.h': '#define PART "part"\n',
    'wasmate.json': '{"entry":"src/main.c","name":"other-than-its-folder"}',
  })
  assert.equal(rebuilt.sha256, built.sha256)
  assert.equal(rebuilt.toolchain, built.toolchain)
})

test('AssemblyScript gives the same bytes from its published source, packages of Wasmate included', async (t) => {
  const { built, rebuilt } = await throughPublishing(t, {
    'code/index.ts':
      "import { Host } from '@extism/as-pdk'\nimport { twice } from '../lib/twice'\nexport function f(): i32 { if (Host.input().length > twice(4)) throw new Error('x'); return 0 }\n",
    'lib/twice.ts': 'export function twice(n: i32): i32 { return n * 2 }\n',
    'wasmate.json': '{"entry":"code/index.ts"}',
  })
  assert.equal(rebuilt.sha256, built.sha256)
})

test('a folder that is more than a function is published as its entry alone, and builds again', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`a/${index}.txt`, '']))
  const { built, rebuilt } = await throughPublishing(t, {
    ...many,
    'src/main.c': c + answer,
    'wasmate.json': '{"entry":"src/main.c"}',
  })
  assert.equal(rebuilt.sha256, built.sha256)
  const large = { 'main.c': c + answer, 'film.bin': '0'.repeat(17 * 1024 * 1024) }
  const source = await makeSource(await temporaryFolder(t), 'large', large)
  const files = await readSourceFiles(source, built)
  assert.deepEqual(
    files.map(({ path }) => path),
    ['main.c', 'wasmate.build.json'],
  )
})

test('C of others reads nothing outside of its folder, whatever it tries', async (t) => {
  const folder = await temporaryFolder(t)
  const secret = join(folder, 'secret.h')
  await writeFile(secret, '#define SECRET 1\n')
  const up = `${'../'.repeat(20)}${secret.slice(1)}`
  const tries = [
    `#include "${secret}"\n`,
    `#include "${up}"\n`,
    `#include </usr/include/../..${secret}>\n`,
    `#define WHERE "${secret}"\n#include WHERE\n`,
    `#inclu\\\nde "${secret}"\n`,
    `#if __has_include("${secret}")\n#else\n#error not there\n#endif\n`,
    `__asm__(".section .data.x,\\"\\",@\\nx: .incbin \\"${secret}\\"\\n.size x,8");\n`,
    `void g(void) { __asm__ volatile(".incbin \\"${secret}\\""); }\n`,
    '#include "/dev/zero"\n',
  ]
  for (const attempt of tries) {
    const work = again(published({ 'main.c': c + attempt + answer }))
    await assert.rejects(work, { code: 'NOT_REPRODUCIBLE' }, attempt)
  }
  await again(published({ 'main.c': c + answer }))
})

test('AssemblyScript of others reads nothing outside of its folder', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'secret.ts'), 'export const secret: i32 = 1\n')
  const path = join(folder, 'secret').slice(1)
  for (const from of [`${'../'.repeat(20)}${path}`, `/${path}`, `x/${'../'.repeat(20)}${path}`]) {
    const text = `import { secret } from '${from}'\nexport function f(): i32 { return secret }\n`
    await assert.rejects(again(published({ 'index.ts': text })), {
      code: 'NOT_REPRODUCIBLE',
      message: /index\.ts.*needs a file that was not published with it/s,
    })
  }
})

test('paths that lead out of the folder, or onto each other, are refused and nothing is left', async () => {
  const paths = [
    '../x',
    '/x',
    'a/../../x',
    'a//b',
    'a/./b',
    '',
    'C:/x',
    'a\\..\\b',
    'a\0b',
    `${'n'.repeat(300)}`,
  ]
  for (const path of paths) {
    const source = published({ 'main.c': c + answer, [path]: 'x' })
    await assert.rejects(again(source), { code: 'FOLDER_REFUSED' }, path)
  }
  const { files, record } = published({ 'main.c': c + answer })
  for (const path of ['main.c', 'main.c/x']) {
    const twice = { files: [...files, { path, bytes: Buffer.from('') }], record }
    await assert.rejects(again(twice), { code: 'FOLDER_REFUSED', message: /main\.c/ })
  }
  await assert.rejects(again(published({ 'main.c': c + answer }, { entry: '../main.c' })), {
    code: 'FOLDER_REFUSED',
  })
  assert.deepEqual(await leftovers(), [])
})

test('a record that says what can not be is told', async () => {
  const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
  const good = { toolchain: 'clang 14', sha256: '0'.repeat(64), language: 'c', entry: 'main.c' }
  const open = (record: unknown): unknown =>
    openPublished([
      { path: 'main.c', bytes: Buffer.from('') },
      { path: 'wasmate.build.json', bytes: bytes(record) },
    ])
  assert.ok(open(good))
  // A module beside the source would be "built" by reading it.
  for (const [change, named] of [
    [{ language: 'wasm', entry: 'main.c' }, /language/],
    [{ entry: '../main.c' }, /"\.\.\/main\.c", is not in its source/],
    [{ entry: 'absent.c' }, /is not in its source/],
    [{ toolchain: '\u001b[31mclang' }, /toolchain/],
    [{ sha256: 'abc' }, /sha256/],
  ] as const) {
    assert.throws(() => open({ ...good, ...change }), { code: 'NOT_REPRODUCIBLE', message: named })
  }
  assert.throws(() => open('text'), { code: 'NOT_REPRODUCIBLE' })
  assert.throws(() => openPublished([]), { code: 'NOT_REPRODUCIBLE', message: /no wasmate\.build\.json/ })
})

test('what does not compile is told with what it lacks, and which compiler it was built with', async () => {
  const fail = (text: string, message: RegExp): Promise<void> => {
    const source = published({ 'main.c': c + text + answer }, { toolchain: 'clang 99.1' })
    return assert.rejects(again(source), { code: 'NOT_REPRODUCIBLE', message })
  }
  const compilers = 'built with clang 99\\.1, here is (clang|zig cc) [\\d.]+'
  await fail(
    'int32_t g(void) { return newer; }\n',
    new RegExp(`main\\.c:2:.*newer.*${compilers}: the likely cause$`, 's'),
  )
  await fail('#include "not-here.h"\n', new RegExp(`not-here\\.h.*outside of its folder.*${compilers}$`, 's'))
  await fail('__asm__("nop");\n', new RegExp(`assembly in C.*${compilers}$`, 's'))
})

test('what compiles for ever, or eats all memory, is ended', async () => {
  const doubling = Array.from({ length: 40 }, (_, n) => `#define A${n + 1} A${n} A${n}\n`).join('')
  const endless = published({ 'main.c': `${c}#define A0 1+\n${doubling}int x = A40 1;\n${answer}` })
  await assert.rejects(again(endless, { rebuildMs: 1_500 }), {
    code: 'NOT_REPRODUCIBLE',
    message: /1500 ms|not compile/,
  })
  const loop = published({ 'index.ts': `export function f(): i32 { return ${'('.repeat(200_000)}1` })
  await assert.rejects(again(loop), { code: 'NOT_REPRODUCIBLE' })
  assert.deepEqual(await leftovers(), [])
})

test('cancelled, it leaves nothing', async () => {
  const cancel = new AbortController()
  const work = rebuild(published({ 'main.c': c + answer }), options, { signal: cancel.signal })
  cancel.abort()
  await assert.rejects(work, { code: 'CANCELLED' })
  assert.deepEqual(await leftovers(), [])
})

test('without the compiler it is this machine that lacks it', async () => {
  const work = again(published({ 'main.c': c + answer }), { pathEnv: '' })
  await assert.rejects(work, { code: 'TOOLCHAIN_MISSING' })
})
