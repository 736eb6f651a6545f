// Sample functions in every language that is here, which ask their host for all that it has.

import { assemblyScriptPlugin } from './as-plugin.ts'
import { goPlugin } from './go-plugin.ts'
import { compileAssemblyScript, compileC, compileGo } from './plugins.ts'

export const sampleNames = ['as', 'c', 'go'] as const
export type SampleName = (typeof sampleNames)[number]

/** Wants the host functions of fixtures/host-functions.mjs. */
export async function compileSamples(): Promise<Record<SampleName, Uint8Array>> {
  const [as, c, go] = await Promise.all([
    compileAssemblyScript(asSample),
    compileC(cSample),
    compileGo(goPlugin),
  ])
  return { as, c, go }
}

const asSample = `${assemblyScriptPlugin}
let calls = 0
export function calls_so_far(): i32 { calls++; put(calls.toString()); return 0 }
`

const cSample = `
#define USER(name) __attribute__((import_module("extism:host/user"), import_name(#name)))
USER(shout) u64 user_shout(u64); USER(add) u64 user_add(u64, u64); USER(refuse) u64 user_refuse(void);
HOST(http_headers) u64 host_http_headers(void);
WASI(clock_time_get) u32 clock_time_get(u32, u64, u64 *);
WASI(random_get) u32 random_get(void *, u32);
static u64 input(void) { u64 n = host_input_length(); u64 h = host_alloc(n);
  for (u64 i = 0; i < n; i++) host_store_u8(h + i, host_input_load_u8(i)); return h; }
static void show(const u8 *bytes, int n) { char out[200]; int at = 0;
  for (int i = 0; i < n && at < 190; i++) { out[at++] = 'a' + (bytes[i] >> 4); out[at++] = 'a' + (bytes[i] & 15); }
  out[at] = 0; say(out); }
static u8 all[64];
EXPORT(world) int world(void) { clock_time_get(0, 1, (u64 *)all); clock_time_get(1, 1, (u64 *)(all + 8));
  random_get(all + 16, 48); show(all, 64); return 0; }
EXPORT(shout) int shout(void) { u64 h = user_shout(input()); host_output_set(h, host_length(h)); return 0; }
EXPORT(refused) int refused(void) { user_refuse(); return 0; }
EXPORT(fetch) int fetch(void) { u64 b = host_http_request(input(), 0); u64 n = host_length(b);
  u64 h = host_alloc(n + 1); host_store_u8(h, 'A' + host_http_status_code() % 26);
  for (u64 i = 0; i < n; i++) host_store_u8(h + 1 + i, host_load_u8(b + i));
  host_output_set(h, n + 1); return 0; }
EXPORT(headers) int headers(void) { host_http_request(input(), 0); u64 h = host_http_headers();
  host_output_set(h, host_length(h)); return 0; }
EXPORT(spin) int spin(void) { clock_time_get(0, 1, (u64 *)all); for (volatile int i = 0;; i++); return 0; }
EXPORT(many) int many(void) { static u8 much[65536]; for (int i = 0; i < 40; i++) random_get(much, 65536); return 0; }
`
