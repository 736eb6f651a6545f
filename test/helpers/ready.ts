// Ready modules with DWARF, as people bring them: compiled here, by a clang of this machine.

import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const include = fileURLToPath(new URL('../../media/include', import.meta.url))

/** From C with extism-pdk.h; what is linked is written beside the source, in the folder. */
export async function compileReady(
  folder: string,
  { file, source, flags = ['-gdwarf-4', '-O0'] }: { file: string; source: string; flags?: string[] },
): Promise<Uint8Array> {
  const clang = process.env['WASMATE_TEST_CLANG'] ?? 'clang'
  const [path, out] = [join(folder, file), join(folder, `${file}.wasm`)]
  const compile = ['--target=wasm32', '-ffreestanding', '-mbulk-memory', '-I', include]
  await mkdir(folder, { recursive: true })
  await writeFile(path, source)
  // In one step clang runs whatever wasm-opt is on PATH, which drops DWARF.
  await run(clang, [...compile, ...flags, '-c', '-o', `${out}.o`, path])
  await run(clang, ['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-o', out, `${out}.o`])
  return readFile(out)
}

/** A module with `run`, which calls `add` in a loop, `broken`, which traps, and `spin`, which has no end. */
export interface ReadyModule {
  bytes: Uint8Array
  /** As its DWARF names its source. */
  file: string
  /** Line on which `run` calls `add`. */
  adds: number
  /** Of `run`, where the condition holds. */
  locals: Record<string, string>
  globals: Record<string, string>
  added: { condition: string; name: string; line: number; next: number; b: string }
  trap: { line: number; says: string }
  /** Lines of its loop. */
  spins: number[]
}

export async function makeReadyModules(folder: string): Promise<Record<string, ReadyModule>> {
  const made: Record<string, ReadyModule> = {}
  for (const version of ['4', '5']) {
    const flags = [`-gdwarf-${version}`, '-O0']
    for (const [name, source] of Object.entries(sources)) {
      const file = `${name}${version}.${name}`
      const bytes = await compileReady(folder, { file, source, flags })
      made[`${name}${version}`] = {
        ...described[name as keyof typeof sources],
        bytes,
        file: join(folder, file),
      }
    }
  }
  const kept = (name: string): Promise<Uint8Array> =>
    readFile(new URL(`../fixtures/ready/${name}`, import.meta.url))
  made['zig'] = { ...described.zig, bytes: await kept('zig.wasm'), file: '/ready/zig/ready.zig' }
  made['rust'] = { ...described.rust, bytes: await kept('rust.wasm'), file: '/ready/rust/ready.rs' }
  return made
}

const c = `#include "extism-pdk.h"

typedef struct { int x; double y; } Point;
enum color { RED, GREEN = 5 };
static int counter = 3;

static int add(int a, int b) {
  int sum = a + b;
  return sum;
}

EXTISM_EXPORT(run) int run(void) {
  Point point = {1, 2.5};
  enum color chosen = GREEN;
  for (int i = 0; i < 3; i++) {
    counter = add(counter, i);
  }
  extism_output("5", 1);
  return point.x + chosen > 100;
}

EXTISM_EXPORT(broken) int broken(void) {
  int zero = counter - 3;
  return 7 / zero;
}

EXTISM_EXPORT(spin) int spin(void) {
  while (counter != 0) counter ^= 8;
  return 0;
}
`

const cpp = `#include "extism-pdk.h"

namespace shapes {
struct Base { int x = 1; };
class Point : public Base {
public:
  double y = 2.5;
  int add(int a, int b) const {
    int sum = a + b;
    return sum;
  }
};
}
static int counter = 3;

extern "C" {
EXTISM_EXPORT(run) int run() {
  shapes::Point point;
  const shapes::Point &same = point;
  for (int i = 0; i < 3; i++) {
    counter = same.add(counter, i);
  }
  extism_output("5", 1);
  return point.x > 100;
}

EXTISM_EXPORT(broken) int broken() {
  int zero = counter - 3;
  return 7 / zero;
}

EXTISM_EXPORT(spin) int spin() {
  while (counter != 0) counter ^= 8;
  return 0;
}
}
`

const sources = { c, cpp }

type Described = Omit<ReadyModule, 'bytes' | 'file'>

const inC = { name: 'add', condition: 'i == 2', b: '2' }

const described: Record<'c' | 'cpp' | 'zig' | 'rust', Described> = {
  c: {
    ...{ adds: 16, spins: [28], trap: { line: 24, says: 'divide by zero' } },
    ...{ locals: { point: '{x: 1, y: 2.5}', chosen: 'GREEN', i: '2' }, globals: { counter: '4' } },
    added: { ...inC, line: 8, next: 9 },
  },
  cpp: {
    ...{ adds: 21, spins: [33], trap: { line: 29, says: 'divide by zero' } },
    ...{ locals: { i: '2' }, globals: { counter: '4' } },
    added: { ...inC, line: 9, next: 10 },
  },
  zig: {
    ...{ adds: 26, spins: [43], trap: { line: 39, says: 'unreachable' } },
    locals: { point: '{y: 2.5, x: 1}', chosen: 'green', each: '3' },
    ...{
      globals: { counter: '6' },
      added: { condition: 'each == 3', name: 'add', line: 16, next: 17, b: '3' },
    },
  },
  rust: {
    ...{ adds: 43, spins: [62, 63], trap: { line: 57, says: 'unreachable' } },
    locals: { point: '{x: 1, y: 2.5}', chosen: 'Green', list: '[1, 2, 3]', at: '2' },
    ...{
      globals: { COUNTER: '6' },
      added: { condition: 'at == 2', name: 'add', line: 32, next: 34, b: '3' },
    },
  },
}

/** In Go, which tells names of functions and nothing more. */
export const goSource = `package main

import "os"

//go:wasmimport extism:host/env input_length
func inputLength() uint64

var counter = 4

//go:noinline
func add(a, b int) int {
	return a + b
}

//go:noinline
func turn() {
	for counter != 0 {
		counter = add(counter, int(inputLength()))
	}
}

//go:wasmexport spin
func spin() int32 {
	turn()
	return 0
}

//go:wasmexport broken
func broken() int32 {
	list := []int{1, 2, 3}
	return int32(list[counter])
}

//go:wasmexport leaves
func leaves() int32 {
	os.Exit(0)
	return 0
}

func main() {}
`
