// The same modules give the same answers here and on the Extism SDK, also when they fail.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import createPlugin from '@extism/extism'
import { WasmateError } from '../../src/base/errors.ts'
import { assemblyScriptPlugin } from '../helpers/as-plugin.ts'
import { goPlugin } from '../helpers/go-plugin.ts'
import { compileAssemblyScript, compileC, compileGo } from '../helpers/plugins.ts'
import { startRunner } from '../helpers/runner.ts'

const config = { color: 'blue', ключ: 'значение' }

/** Exports and inputs in the order they are called, on one instance. */
type Calls = [name: string, input: string | Uint8Array][]

/** Output, what the function said was wrong, or the trap in V8's words. */
type Outcome = { output: string } | { error: string } | { trap: string }

async function askReference(bytes: Uint8Array, calls: Calls): Promise<Outcome[]> {
  const manifest = { wasm: [{ data: bytes }] }
  const plugin = await createPlugin(manifest, { useWasi: true, config })
  const outcomes: Outcome[] = []
  for (const [name, input] of calls) {
    await plugin.reset()
    const output = await plugin
      .call(name, input)
      .then((answer) => answer?.bytes() ?? new Uint8Array(), toError)
    outcomes.push(output instanceof Error ? sortError(output) : { output: toHex(output) })
  }
  await plugin.close()
  return outcomes
}

function toError(error: unknown): Error {
  assert(error instanceof Error)
  return error
}

function sortError({ message }: Error): Outcome {
  const prefix = 'Plugin-originated error: '
  return message.startsWith(prefix) ? { error: message.slice(prefix.length) } : { trap: firstWords(message) }
}

async function askOurs(t: TestContext, bytes: Uint8Array, calls: Calls): Promise<Outcome[]> {
  const { invoke } = await startRunner(t, { plugin: bytes })
  const outcomes: Outcome[] = []
  for (const [name, input] of calls) {
    const output = await invoke({ export: name, input, options: { config } }).then((a) => a.output, toError)
    outcomes.push(output instanceof Error ? sortOurs(output) : { output: toHex(output) })
  }
  return outcomes
}

function sortOurs(error: Error): Outcome {
  assert(error instanceof WasmateError)
  const { code, detail = '' } = error
  if (code === 'CALL_FAILED') return { error: detail }
  assert.equal(code, 'CALL_TRAPPED')
  return { trap: firstWords(detail) }
}

/** Without where it was; both hosts have a stack overflow in their own words, and so an access outside a block. */
function firstWords(message: string): string {
  if (/stack overflow|call stack/.test(message)) return 'stack overflow'
  if (/outside a block|outside the bounds/.test(message)) return 'outside'
  return message.replace(/ in \S+ at 0x[0-9a-f]+$/, '')
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

async function compare(t: TestContext, bytes: Uint8Array, calls: Calls): Promise<Outcome[]> {
  const ours = await askOurs(t, bytes, calls)
  assert.deepEqual(ours, await askReference(bytes, calls))
  return ours
}

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
