import assert from 'node:assert/strict'
import { chmod } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { findSource } from '../../src/build/source.ts'
import { BuildError } from '../../src/build/toolchain.ts'
import { answerOf } from '../helpers/answer.ts'
import { limits, makeBuilder, makeSource, mediaFolder, writeFunction } from '../helpers/builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'

const simple =
  '#include <extism-pdk.h>\nEXTISM_EXPORT(f) int32_t f(void) { extism_output_text("ok"); return 0; }\n'

test('C', async (t) => {
  const builder = makeBuilder(t)
  const parent = await temporaryFolder(t)

  await t.test('the template compiles and answers, without WASI', async () => {
    const source = await findSource(join(mediaFolder, 'templates/hello/c'), limits)
    const { bytes, exports, toolchain } = await builder.compile(source)
    assert.deepEqual(exports, ['hello'])
    assert.match(toolchain ?? '', /^(clang|zig cc) \d+/)
    assert.equal(await answerOf(bytes, 'hello', 'wasmate\n'), 'Hello, wasmate!')
    assert.equal(await answerOf(bytes, 'hello', ''), 'Hello, world!')
    assert.equal(await answerOf(bytes, 'hello', 'x'.repeat(300)), `Hello, ${'x'.repeat(200)}!`)
  })

  await t.test('input, config and variables of any length pass unchanged', async () => {
    const source = await makeSource(parent, 'round', {
      'main.c': `#include <extism-pdk.h>
        EXTISM_EXPORT(f) int32_t f(void) {
          char in[100], set[100], kept[100], out[300]; size_t n, end = 0;
          n = extism_input(in, sizeof in); extism_keep("k", in, n);
          end = extism_append(out, sizeof out, end, in, n);
          if (!extism_config("s", set, sizeof set, &n)) return 1;
          end = extism_append(out, sizeof out, end, set, n);
          if (!extism_var("k", kept, sizeof kept, &n)) return 2;
          end = extism_append(out, sizeof out, end, kept, n);
          if (extism_config("absent", set, sizeof set, &n) || n != 0) return 3;
          extism_log("a line"); extism_output(out, end); return 0; }`,
    })
    const { bytes } = await builder.compile(source)
    for (const length of [0, 1, 7, 8, 9, 31]) {
      const text = 'abcdefgh'.repeat(4).slice(0, length)
      assert.equal(
        await answerOf(bytes, 'f', text, { config: { s: '123456789' } }),
        `${text}123456789${text}`,
      )
    }
  })

  await t.test('the same source in two folders gives the same bytes', async () => {
    const files = {
      'main.c': `${simple}const char *where = __FILE__; EXTISM_EXPORT(g) int32_t g(void) { extism_output_text(where); return 0; }\n`,
    }
    const one = await builder.compile(await makeSource(join(parent, 'a'), 'same', files))
    const two = await builder.compile(await makeSource(join(parent, 'b/deeper'), 'same', files))
    assert.equal(one.sha256, two.sha256)
  })

  await t.test('a mistake names its file, line and column', async () => {
    const source = await makeSource(parent, 'wrong', {
      'main.c': '#include "part.h"\nEXTISM_EXPORT(f) int32_t f(void) { return part(); }\n',
      'part.h': '#include <extism-pdk.h>\nstatic int32_t part(void) {\n  return nothing;\n}\n',
    })
    const error = await failure(builder.compile(source))
    assert.equal(error.diagnostics.length, 1)
    const { message, ...place } = error.diagnostics[0] ?? {}
    assert.deepEqual(place, { file: 'part.h', line: 3, column: 10, severity: 'error' })
    assert.match(message ?? '', /nothing/)
    assert.match(error.message, /part\.h:3:10: .*nothing/)
  })

  await t.test('what the linker misses is told without its temporary files', async () => {
    const source = await makeSource(parent, 'link', {
      'main.c':
        '#include <extism-pdk.h>\nint32_t absent(void);\nEXTISM_EXPORT(f) int32_t f(void) { return absent(); }\n',
    })
    const error = await failure(builder.compile(source))
    assert.equal(error.detail, 'main.c:1:1: undefined symbol: absent')
  })

  await t.test('without a compiler it says what was sought and what to install', async (t) => {
    const source = await makeSource(parent, 'alone', { 'main.c': simple })
    const empty = makeBuilder(t, { pathEnv: '' })
    await assert.rejects(empty.compile(source), {
      code: 'TOOLCHAIN_MISSING',
      message: /PATH \(empty\).*To install it: /,
    })
    const report = (await empty.check()).find(({ language }) => language === 'c')
    assert.equal(report?.found, false)
  })

  await t.test('a setting that is no clang is named, and nothing else is tried', async (t) => {
    const source = await makeSource(parent, 'set', { 'main.c': simple })
    const clang = join(parent, 'my-clang')
    await assert.rejects(makeBuilder(t, { clang }).compile(source), {
      code: 'TOOLCHAIN_MISSING',
      message: /my-clang/,
    })
  })

  await t.test('without wasi-libc it compiles freestanding', async (t) => {
    // A clang that finds no libc, as Homebrew's and Windows' do not.
    const folder = await writeFunction(parent, 'bin', {
      clang:
        '#!/bin/sh\ncase "$*" in *crt1-reactor.o*) echo crt1-reactor.o;; *) exec /usr/bin/clang "$@";; esac\n',
    })
    await chmod(join(folder, 'clang'), 0o755)
    const source = await makeSource(parent, 'bare', {
      'main.c': `#include <extism-pdk.h>
        typedef struct { char text[64]; } Line;
        EXTISM_EXPORT(f) int32_t f(void) { Line a = {{0}}; a.text[0] = 'z'; Line b = a; extism_output_text(b.text); return 0; }\n`,
    })
    const bare = makeBuilder(t, { pathEnv: [folder, '/usr/bin', '/bin'].join(delimiter) })
    const { bytes } = await bare.compile(source)
    assert.equal(await answerOf(bytes, 'f'), 'z')
    assert.match((await bare.check()).find(({ language }) => language === 'c')?.detail ?? '', /freestanding/)
  })

  await t.test('cancelled, it ends the compiler', async (t) => {
    const folder = await writeFunction(parent, 'slow', {
      clang: '#!/bin/sh\ncase "$*" in *-O2*) exec sleep 600;; *) exec /usr/bin/clang "$@";; esac\n',
    })
    await chmod(join(folder, 'clang'), 0o755)
    const source = await makeSource(parent, 'cancel', { 'main.c': simple })
    const slow = makeBuilder(t, { clang: join(folder, 'clang') })
    const cancel = new AbortController()
    const work = slow.compile(source, { signal: cancel.signal })
    setTimeout(() => cancel.abort(), 100)
    await assert.rejects(work, { code: 'CANCELLED' })
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
