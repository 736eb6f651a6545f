// The functions that are measured: `echo` from C, AssemblyScript and Go, eight bytes at a time as the PDKs do it.

import { compileAssemblyScript, compileC, compileGo } from '../../helpers/plugins.ts'

const echoC = `
HOST(input_load_u64) u64 host_input_load_u64(u64);
static u64 kept[1 << 14];
EXPORT(echo) int echo(void) {
  u64 n = host_input_length(), whole = n & ~7ull;
  u8 *bytes = (u8 *)kept;
  if (n > sizeof kept) return 1;
  for (u64 i = 0; i < whole; i += 8) kept[i / 8] = host_input_load_u64(i);
  for (u64 i = whole; i < n; i++) bytes[i] = host_input_load_u8(i);
  u64 h = host_alloc(n);
  for (u64 i = 0; i < whole; i += 8) host_store_u64(h + i, kept[i / 8]);
  for (u64 i = whole; i < n; i++) host_store_u8(h + i, bytes[i]);
  host_output_set(h, n);
  return 0;
}`

const countC = `
static u64 digits(u64 n, char *to) { u64 k = 0; char s[20]; do { s[k++] = '0' + n % 10; n /= 10; } while (n);
  for (u64 i = 0; i < k; i++) to[i] = s[k - 1 - i]; return k; }
EXPORT(count) int count(void) {
  u64 key = text("n"), old = host_var_get(key), n = 0;
  for (u64 i = 0; old && i < host_length(old); i++) n = n * 10 + host_load_u8(old + i) - '0';
  char s[21]; s[digits(n + 1, s)] = 0;
  host_var_set(key, text(s));
  say(s);
  return 0;
}`

const echoAssemblyScript = `
import { Host } from '@extism/as-pdk'
function onAbort(message: string | null, file: string | null, line: u32, column: u32): void { unreachable() }
export function echo(): i32 { Host.output(Host.input()); return 0 }`

const echoGo = `package main

import "encoding/binary"

//go:wasmimport extism:host/env input_length
func inputLength() uint64

//go:wasmimport extism:host/env input_load_u64
func load64(offset uint64) uint64

//go:wasmimport extism:host/env input_load_u8
func load8(offset uint64) uint32

//go:wasmimport extism:host/env alloc
func alloc(size uint64) uint64

//go:wasmimport extism:host/env store_u64
func store64(handle uint64, value uint64)

//go:wasmimport extism:host/env store_u8
func store8(handle uint64, value uint32)

//go:wasmimport extism:host/env output_set
func outputSet(handle uint64, size uint64)

//go:wasmexport echo
func echo() int32 {
	size := inputLength()
	whole := size &^ 7
	bytes := make([]byte, size)
	for i := uint64(0); i < whole; i += 8 {
		binary.LittleEndian.PutUint64(bytes[i:], load64(i))
	}
	for i := whole; i < size; i++ {
		bytes[i] = byte(load8(i))
	}
	handle := alloc(size)
	for i := uint64(0); i < whole; i += 8 {
		store64(handle+i, binary.LittleEndian.Uint64(bytes[i:]))
	}
	for i := whole; i < size; i++ {
		store8(handle+i, uint32(bytes[i]))
	}
	outputSet(handle, size)
	return 0
}

func main() {}
`

const runaways = `
static volatile u64 turns;
static int dive(int n) { turns++; return dive(n + 1) + (int)turns; }
EXPORT(spin) int spin(void) { for (;;) turns++; }
EXPORT(recurse) int recurse(void) { return dive(0); }
EXPORT(grow) int grow(void) {
  for (;;) {
    u64 page = __builtin_wasm_memory_grow(0, 16);
    if ((int)page == -1) __builtin_trap();
    for (u64 i = 0; i < 16; i++) *(volatile u8 *)(u32)((page + i) * 65536) = 1;
  }
}`

export const languages = ['c', 'as', 'go'] as const
export type Language = (typeof languages)[number]

export async function compileEcho(language: Language): Promise<Uint8Array> {
  if (language === 'c') return compileC(echoC, ['-O2'])
  return language === 'as' ? compileAssemblyScript(echoAssemblyScript) : compileGo(echoGo)
}

/** `count`: how many calls there were, kept in a var. */
export const compileCounter = (): Promise<Uint8Array> => compileC(countC)

/** `spin` never comes back, `grow` and `recurse` take until there is no more. */
export const compileRunaway = (): Promise<Uint8Array> => compileC(runaways)

/** The same module under other bytes: with one more custom section (section 5.5.3 of the core specification). */
export function vary(bytes: Uint8Array, number: number): Uint8Array {
  const content = Buffer.from(`\u0004vary${number}`)
  return Buffer.concat([bytes, Buffer.from([0, content.length]), content])
}
