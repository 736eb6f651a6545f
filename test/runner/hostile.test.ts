// Modules that loop, grow, recurse, allocate or trap: each ends its own call and nobody else's.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileC } from '../helpers/plugins.ts'
import { startRunner } from '../helpers/runner.ts'

const hostile = await compileC(
  `
  static volatile int sink;
  static char big[1];
  EXPORT(quick) int quick(void) { say("quick"); return 0; }
  EXPORT(spin) int spin(void) { for (;;) sink++; }
  EXPORT(grow) int grow(void) { while (__builtin_wasm_memory_grow(0, 1) != -1) {} __builtin_trap(); }
  EXPORT(overrun) int overrun(void) {
    volatile char *end = 0;
    while (__builtin_wasm_memory_grow(0, 16) != -1) {}
    for (end = big;; end += 65536) *end = 1;
  }
  EXPORT(recurse) __attribute__((noinline)) int recurse(void) { volatile int x[64]; x[3] = recurse(); return x[3] + 1; }
  EXPORT(hoard) int hoard(void) { for (;;) host_alloc(1000); }
  EXPORT(huge) int huge(void) { host_alloc(0xffffffffffffULL); return 0; }
  EXPORT(churn) int churn(void) { for (int i = 0; i < 200000; i++) { u64 h = host_alloc(4096); host_free(h); } say("churned"); return 0; }
  EXPORT(chatter) int chatter(void) { u64 h = text("again"); for (;;) host_log_info(h); }
  EXPORT(babble) int babble(void) { u64 h = text("again"); for (int i = 0; i < 5000; i++) host_log_info(h); return 0; }
  EXPORT(no_value) int no_value(void) { host_var_set(text("key"), 99ULL << 32); return 0; }
  EXPORT(abort_) int abort_(void) { __builtin_trap(); }
  EXPORT(divide) int divide(void) { volatile int zero = 0, seven = 7; return seven / zero; }
  EXPORT(wild) int wild(void) { return *(volatile int *)0x7ffffff0; }
  EXPORT(past_block) int past_block(void) { u64 h = host_alloc(4); host_store_u8(h + 4, 1); return 0; }
  EXPORT(past_input) int past_input(void) { return host_input_load_u8(host_input_length()); }
  EXPORT(forged) int forged(void) { host_store_u8(12345, 1); return 0; }
  EXPORT(freed) int freed(void) { u64 h = host_alloc(4); host_free(h); return host_load_u8(h); }
  EXPORT(lying_output) int lying_output(void) { host_output_set(host_alloc(4), 5); return 0; }
  EXPORT(many_vars) int many_vars(void) {
    u64 value = host_alloc(200000); char key[2] = "a";
    for (;; key[0]++) host_var_set(text(key), value);
  }
  `,
)
const spinInStart = await compileC(
  `static volatile int sink; EXPORT(_start) void start_(void) { for (;;) sink++; }
   EXPORT(quick) int quick(void) { return 0; }`,
)
const trapInInitialize = await compileC(
  `EXPORT(_initialize) void initialize_(void) { __builtin_trap(); } EXPORT(quick) int quick(void) { return 0; }`,
)

// The start section runs within instantiation: section 2.5.9 of the core specification.
const spinInStartSection = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 3, 2, 0, 0],
  ...[7, 9, 1, 5, ...Buffer.from('quick'), 0, 1],
  ...[8, 1, 0],
  ...[10, 12, 2, 7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b, 2, 0, 0x0b],
])

test('a call that loops for ever is ended at its limit, and the next one answers', async (t) => {
  const { fail, ask } = await startRunner(t, { plugin: hostile })
  assert.equal(await fail({ export: 'spin', options: { timeoutMs: 50 } }), 'CALL_TIMEOUT: it ran for 50 ms')
  assert.equal(await ask({ export: 'quick' }), 'quick')
})

test('start-up code that loops for ever is ended as well', async (t) => {
  const { fail } = await startRunner(t, { command: spinInStart, section: spinInStartSection })
  const options = { timeoutMs: 50 }
  assert.match(await fail({ cid: 'command', export: 'quick', options }), /^CALL_TIMEOUT/)
  assert.match(await fail({ cid: 'section', options }), /^CALL_TIMEOUT/)
})

test('start-up code that traps fails each call, and the worker lives on', async (t) => {
  const { fail, ask } = await startRunner(t, { plugin: hostile, broken: trapInInitialize }, { maxWorkers: 1 })
  assert.match(await fail({ cid: 'broken' }), /^CALL_TRAPPED: unreachable/)
  assert.match(await fail({ cid: 'broken' }), /^CALL_TRAPPED: unreachable/)
  assert.equal(await ask({ export: 'quick' }), 'quick')
})

test('others answer while one function runs away again and again, and none of their calls is lost', async (t) => {
  const { fail, ask } = await startRunner(t, { plugin: hostile }, { maxWorkers: 2 })
  const runaways = Array.from({ length: 4 }, () => {
    return fail({ function: 'bad', export: 'spin', options: { timeoutMs: 60 } })
  })
  const innocent = Array.from({ length: 200 }, (_, index) => {
    return ask({ function: `good-${index % 7}`, export: 'quick' })
  })
  assert.deepEqual(new Set(await Promise.all(innocent)), new Set(['quick']))
  for (const error of await Promise.all(runaways)) assert.match(error, /^CALL_TIMEOUT/)
})

for (const name of ['grow', 'overrun']) {
  test(`a module that needs more memory than its limit is told so (${name})`, async (t) => {
    const { fail, ask } = await startRunner(t, { plugin: hostile })
    assert.match(await fail({ export: name }), /^MEMORY_LIMIT: .* of 16777216 bytes in use/)
    assert.equal(await ask({ export: 'quick' }), 'quick')
  })
}

test('blocks of host memory are held to the same limit', async (t) => {
  const { fail, ask } = await startRunner(t, { plugin: hostile })
  assert.match(await fail({ export: 'hoard' }), /^MEMORY_LIMIT: .*blocks.*16777216/)
  assert.match(await fail({ export: 'huge' }), /^MEMORY_LIMIT/)
  assert.match(await fail({ export: 'quick', input: new Uint8Array(17 << 20) }), /^MEMORY_LIMIT/)
  assert.equal(await ask({ export: 'quick' }), 'quick')
})

test('blocks that are freed can be had again within one call', async (t) => {
  const { ask } = await startRunner(t, { plugin: hostile })
  assert.equal(await ask({ export: 'churn' }), 'churned')
})

test('vars have a limit, and a call that passes it leaves none behind', async (t) => {
  const { fail, ask } = await startRunner(t, { plugin: hostile })
  assert.match(await fail({ export: 'many_vars' }), /^MEMORY_LIMIT: its vars would take/)
  assert.equal(await ask({ export: 'quick' }), 'quick')
})

test('a function that logs for ever is ended by its time limit alone', async (t) => {
  const { fail, ask } = await startRunner(t, { plugin: hostile })
  assert.match(await fail({ export: 'chatter', options: { timeoutMs: 150 } }), /^CALL_TIMEOUT/)
  assert.equal(await ask({ export: 'quick' }), 'quick')
})

test('a function that logs too much keeps its first lines and is told how many went', async (t) => {
  const { invoke } = await startRunner(t, { plugin: hostile })
  const { logs } = await invoke({ export: 'babble' })
  assert.equal(logs.length, 1_001)
  assert.deepEqual(logs.at(-1), { level: 'warn', message: '4000 more log lines were dropped' })
})

test('a trap is named in its own words, with the function that it was in', async (t) => {
  const { fail, ask } = await startRunner(t, { plugin: hostile }, { maxWorkers: 1 })
  assert.match(await fail({ export: 'abort_' }), /^CALL_TRAPPED: unreachable in \S*abort_ at 0x/)
  assert.match(await fail({ export: 'divide' }), /^CALL_TRAPPED: divide by zero/)
  assert.match(await fail({ export: 'wild' }), /^CALL_TRAPPED: memory access out of bounds/)
  assert.match(await fail({ export: 'recurse' }), /^CALL_TRAPPED: stack overflow/)
  assert.equal(await ask({ export: 'quick' }), 'quick')
})

test('what lies outside a block of host memory can be neither read nor written', async (t) => {
  const { fail } = await startRunner(t, { plugin: hostile })
  assert.equal(
    await fail({ export: 'past_block' }),
    'CALL_TRAPPED: it reached outside a block of host memory',
  )
  assert.equal(await fail({ export: 'forged' }), 'CALL_TRAPPED: it reached outside a block of host memory')
  assert.equal(await fail({ export: 'freed' }), 'CALL_TRAPPED: it reached outside a block of host memory')
  assert.equal(await fail({ export: 'past_input' }), 'CALL_TRAPPED: it read beyond its input')
  assert.equal(await fail({ export: 'no_value' }), 'CALL_TRAPPED: var_set names no block')
  assert.match(await fail({ export: 'lying_output' }), /^CALL_TRAPPED: output_set names more/)
})
