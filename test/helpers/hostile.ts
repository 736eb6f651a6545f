// A module that does, by export, everything that a function should not do, and some things that it may.

import { compileC } from './plugins.ts'

export const hostilePlugin = await compileC(`static volatile int sink;
static u64 large(u64 size) { u64 h = host_alloc(size);
  for (u64 i = 0; i + 8 <= size; i += 8) host_store_u64(h + i, 0x6565656565656565ULL); return h; }
EXPORT(quick) int quick(void) { say("quick"); return 0; }
EXPORT(echo) int echo(void) { u64 n = host_input_length(), h = host_alloc(n);
  for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(i)); host_output_set(h, n); return 0; }
EXPORT(tell) int tell(void) { u64 n = host_input_length(), h = host_alloc(n);
  for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(i)); host_http_request(h, 0); say("told"); return 0; }
EXPORT(slow) int slow(void) { for (int i = 0; i < 3000000; i++) sink++; say("slow"); return 0; }
EXPORT(spin) int spin(void) { for (;;) sink++; }
EXPORT(grow) int grow(void) { while (__builtin_wasm_memory_grow(0, 1) != -1) {} __builtin_trap(); }
EXPORT(recurse) __attribute__((noinline)) int recurse(void) { volatile int x[64]; x[3] = recurse(); return x[3] + 1; }
EXPORT(hoard) int hoard(void) { for (;;) host_alloc(1000); }
EXPORT(stop) int stop(void) { __builtin_trap(); }
EXPORT(errors) int errors(void) { host_error_set(large(8000000)); return 1; }
EXPORT(shout) int shout(void) { u64 h = large(4000000); for (;;) host_log_info(h); }
`)

/** Apart from the others: calls of a module that has vars take turns. */
export const varsPlugin = await compileC(`
EXPORT(vars) int vars(void) { u64 value = host_alloc(900000), key = text("k"); for (;;) host_var_set(key, value); }
EXPORT(quick) int quick(void) { say("quick"); return 0; }`)

/** `(loop (drop (table.grow 0 (ref.null extern) (i32.const 100000))) (br 0))`: no compiler here writes that. */
export const tablesPlugin = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[4, 4, 1, 0x6f, 0, 0],
  ...[7, 10, 1, 6, ...Buffer.from('tables'), 0, 0],
  ...[10, 19, 1, 17, 0, 3, 0x40, 0xd0, 0x6f, 0x41, 0xa0, 0x8d, 6, 0xfc, 15, 0, 0x1a, 12, 0, 11, 11],
])

/** Modules whose start-up never gets to a call. */
export const startPlugins = Object.fromEntries<Uint8Array>(
  await Promise.all(
    ['_initialize', '_start', 'hs_init'].flatMap((name) =>
      ['for (;;) sink++;', '__builtin_trap();'].map(async (body, index): Promise<[string, Uint8Array]> => [
        `${name} ${index === 0 ? 'spins' : 'traps'}`,
        await compileC(`static volatile int sink; EXPORT(${name}) void start_(${name === 'hs_init' ? 'int a, int b' : 'void'}) { ${body} }
          EXPORT(quick) int quick(void) { say("quick"); return 0; }`),
      ]),
    ),
  ),
)
