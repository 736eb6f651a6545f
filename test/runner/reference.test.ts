// The same modules give the same answers here and on the Extism SDK, also when they fail.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assemblyScriptPlugin } from '../helpers/as-plugin.ts'
import { goPlugin } from '../helpers/go-plugin.ts'
import { compileAssemblyScript, compileC, compileGo } from '../helpers/plugins.ts'
import { compare, toHex } from '../helpers/reference.ts'

test('AssemblyScript: input, output, config, vars and errors', async (t) => {
  const bytes = await compileAssemblyScript(assemblyScriptPlugin)
  const large = Uint8Array.from({ length: 70_001 }, (_, index) => index % 251)
  const outcomes = await compare(t, bytes, [
    ['greet', 'Zoë 日本'],
    ['greet', ''],
    ['echo', Uint8Array.of(0, 255, 128, 10, 0)],
    ['echo', large],
    ['nothing', 'ignored'],
    ['plain', ''],
    ['setting', 'color'],
    ['setting', 'ключ'],
    ['setting', 'missing'],
    ['refuses', 'really'],
    ['refuses_with_zero', ''],
    ['greet', 'after an error'],
    ['too_short', ''],
  ])
  assert.deepEqual(outcomes[0], { output: toHex(Buffer.from('Hello, Zoë 日本!')) })
  assert.deepEqual(outcomes.at(-1), { trap: 'outside' })
})

test('AssemblyScript: vars within one call', async (t) => {
  const bytes = await compileAssemblyScript(assemblyScriptPlugin)
  await compare(t, bytes, [
    ['count', ''],
    ['forget', ''],
  ])
})

test('C: state of an instance, traps, stack overflow', async (t) => {
  const bytes = await compileC(`
    static int calls;
    static volatile int zero, seven = 7;
    EXPORT(calls_so_far) int calls_so_far(void) { char n[2] = "0"; n[0] += ++calls; say(n); return 0; }
    EXPORT(reverse) int reverse(void) {
      u64 n = host_input_length(), h = host_alloc(n);
      for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(n - 1 - i));
      host_output_set(h, n); return 0; }
    EXPORT(recurse) __attribute__((noinline)) int recurse(void) { volatile int x[64]; x[3] = recurse(); return x[3] + 1; }
    EXPORT(divide) int divide(void) { return seven / zero; }
    EXPORT(wild) int wild(void) { return *(volatile int *)0x7ffffff0; }
    EXPORT(stop) int stop(void) { __builtin_trap(); }
    EXPORT(setting) int setting(void) { u64 v = host_config_get(text("color")); host_output_set(v, host_length(v)); return 0; }
  `)
  await compare(t, bytes, [
    ['calls_so_far', ''],
    ['calls_so_far', ''],
    ['reverse', 'desserts'],
    ['reverse', ''],
    ['setting', ''],
    ['divide', ''],
    ['wild', ''],
    ['stop', ''],
    ['recurse', ''],
    ['reverse', 'still here'],
  ])
})

test('Go: a WASI reactor with a garbage collector', async (t) => {
  const bytes = await compileGo(goPlugin)
  await compare(t, bytes, [
    ['greet', 'Zoë'],
    ['greet', ''],
    ['calls_so_far', ''],
    ['calls_so_far', ''],
    ['refuse', ''],
    ['greet', 'again'],
  ])
})
