// Which exports are found in a text, and where.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findExports } from '../../../src/vscode/source/exports.ts'

function lines(text: string, language: string): string[] {
  return findExports(text, language).map(({ name, offset, hasParameters }) => {
    const line = text.slice(0, offset).split('\n').length
    return `${line} ${name}${hasParameters ? ' with parameters' : ''}`
  })
}

test('each exported function of AssemblyScript is found on the line of its name', () => {
  const text = `import { Host } from '@extism/as-pdk'
export function hello(): i32 { return 0 }
  export   function
    second
  (): void {}
export function withParameters(a: i32, b: i32 = 2): i32 { return a }
function inner(): i32 { return 0 }
function own(): i32 { return 0 }
export { inner, own as renamed }
export { other } from './other'
export function generic<T>(value: T): T { return value }
@inline export function decorated(): i32 { return 0 }
export const notOne = 1
export class Box { export function neither(): void {} }
`
  assert.deepEqual(lines(text, 'assemblyscript'), [
    '2 hello',
    '4 second',
    '6 withParameters with parameters',
    '7 inner',
    '8 renamed',
    '11 generic with parameters',
    '12 decorated',
  ])
})

test('what looks like an export in a comment, a string, a template or a namespace is none', () => {
  const text = `// export function one(): i32 {}
/* export function two(): i32 {}
   export function three(): i32 {} */
const text = "export function four(): i32 {}"
const more = 'it\\'s export function five(): i32'
const long = \`
export function six(): i32 {}
\`
namespace inside { export function seven(): i32 { return 0 } }
const open = "not closed export function eight(): i32
export /* here */ function real(/* nothing */): i32 { return 0 } // export function nine()
/** export function ten() {} */
export function last(): i32 { return "}".length }
/* not closed export function eleven(): i32 {}
`
  assert.deepEqual(lines(text, 'assemblyscript'), ['11 real', '13 last'])
})

test('each exported function of C is found by its macro or its attribute', () => {
  const text = `#include <extism-pdk.h>
#define EXPORT(name) __attribute__((export_name(#name)))
#define MORE(name) \\
  EXPORT(name)
EXTISM_EXPORT(hello) int32_t hello(void) { return 0; }
EXPORT( spaced )
int32_t spaced() { return 0; }
__attribute__((export_name("by-attribute"))) int32_t f(void) { return 0; }
[[clang::export_name("modern")]] int32_t g(int32_t a) { return a; }
int32_t EXTISM_EXPORTED_FUNCTION(classic) { return 0; }
// EXPORT(no) int32_t no(void);
/* EXPORT(never)
   EXPORT(never) */
static const char *text = "EXPORT(text) // \\" export_name(\\"x\\")";
static char quote = '"'; EXPORT(after) void after(void) {}
`
  assert.deepEqual(lines(text, 'c'), [
    '5 hello',
    '6 spaced',
    '8 by-attribute',
    '9 modern with parameters',
    '10 classic',
    '15 after',
  ])
})

test('the templates have one export each, and a ready module has no text to look at', async () => {
  const templates = join(import.meta.dirname, '../../../media/templates')
  assert.deepEqual(
    lines(await readFile(join(templates, 'hello/assemblyscript/index.ts'), 'utf8'), 'assemblyscript'),
    ['6 hello'],
  )
  assert.deepEqual(lines(await readFile(join(templates, 'hello/c/main.c'), 'utf8'), 'c'), ['8 hello'])
  assert.deepEqual(lines('export function hello(): void {}', 'wasm'), [])
})

test('a large text, and one made to be slow, are done in a moment', () => {
  const large = 'export function a(): i32 { return 0 }\n'.repeat(20_000)
  assert.equal(findExports(large, 'assemblyscript').length, 20_000)
  for (const hostile of [
    'export '.repeat(50_000),
    '/*'.repeat(50_000),
    '"\\'.repeat(50_000),
    'EXPORT('.repeat(50_000),
  ]) {
    for (const language of ['assemblyscript', 'c']) assert.deepEqual(findExports(hostile, language), [])
  }
})
