// Real modules for tests: compiled from source once, kept under the temp folder by the hash of what made them.

import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const cache = join(tmpdir(), 'wasmate-test-plugins')

const versions = {
  as: 'assemblyscript 3',
  c: 'clang 2',
  go: 'go 1',
}

/** From AssemblyScript; `@extism/as-pdk` can be imported. Its `onAbort`, when it has one, is where a failed assertion goes. */
export function compileAssemblyScript(source: string): Promise<Uint8Array> {
  return cached(versions.as, source, async (folder) => {
    await writeFile(join(folder, 'plugin.ts'), source)
    const output = join(folder, 'plugin.wasm')
    // A plain process: a loader for TypeScript would take seconds to read the compiler.
    await run(process.execPath, [
      ...[join(root, 'node_modules/assemblyscript/bin/asc.js'), join(folder, 'plugin.ts')],
      ...['--outFile', output, '--path', join(root, 'node_modules'), '--baseDir', folder, '-O1'],
      ...['--use', source.includes('function onAbort') ? 'abort=plugin/onAbort' : 'abort='],
    ])
    return output
  })
}

const cHeader = `
typedef unsigned long long u64; typedef unsigned int u32; typedef unsigned char u8;
#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))
HOST(alloc) u64 host_alloc(u64); HOST(free) void host_free(u64); HOST(length) u64 host_length(u64);
HOST(load_u8) u32 host_load_u8(u64); HOST(store_u8) void host_store_u8(u64, u32);
HOST(load_u64) u64 host_load_u64(u64); HOST(store_u64) void host_store_u64(u64, u64);
HOST(input_length) u64 host_input_length(void); HOST(input_load_u8) u32 host_input_load_u8(u64);
HOST(output_set) void host_output_set(u64, u64); HOST(error_set) void host_error_set(u64);
HOST(var_get) u64 host_var_get(u64); HOST(var_set) void host_var_set(u64, u64);
HOST(config_get) u64 host_config_get(u64); HOST(log_info) void host_log_info(u64);
HOST(http_request) u64 host_http_request(u64, u64); HOST(http_status_code) u32 host_http_status_code(void);
static u64 text(const char *s) { u64 n = 0; while (s[n]) n++; u64 h = host_alloc(n);
  for (u64 i = 0; i < n; i++) host_store_u8(h + i, s[i]); return h; }
static void say(const char *s) { u64 h = text(s); host_output_set(h, host_length(h)); }
`

/** From C without a libc; `cHeader` gives the host's functions as host_NAME, text(), say(), EXPORT(name). */
export function compileC(source: string, flags: string[] = []): Promise<Uint8Array> {
  return cached(versions.c, cHeader + source + flags.join(' '), async (folder) => {
    await writeFile(join(folder, 'plugin.c'), cHeader + source)
    const clang = process.env['WASMATE_TEST_CLANG'] ?? 'clang'
    const features = flags.filter((flag) => flag.startsWith('-m'))
    const compile = [
      '--target=wasm32',
      '-O1',
      '-fno-builtin',
      ...features,
      '-c',
      '-o',
      'plugin.o',
      'plugin.c',
    ]
    // Linked without -O: with it clang runs the wasm-opt that `npm test` has on PATH, which drops names of functions.
    const link = ['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-Wl,--allow-undefined']
    await run(clang, compile, { cwd: folder })
    await run(clang, [...link, ...flags, '-o', 'plugin.wasm', 'plugin.o'], { cwd: folder })
    return join(folder, 'plugin.wasm')
  })
}

/** From Go as a WASI reactor; `isNamed`: with the names of functions. */
export function compileGo(source: string, isNamed = false): Promise<Uint8Array> {
  const flags = isNamed ? '' : '-s -w'
  return cached(versions.go, isNamed ? `${source} named` : source, async (folder) => {
    await writeFile(join(folder, 'main.go'), source)
    await writeFile(join(folder, 'go.mod'), 'module wasmate.test/plugin\n\ngo 1.24\n')
    await run('go', ['build', '-buildmode=c-shared', `-ldflags=${flags}`, '-o', 'plugin.wasm', '.'], {
      cwd: folder,
      env: { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOFLAGS: '-mod=mod', GOWORK: 'off' },
    })
    return join(folder, 'plugin.wasm')
  })
}

/** The finished file is moved into place, so that test files that run side by side see a whole one or none. */
async function cached(
  compiler: string,
  source: string,
  compile: (folder: string) => Promise<string>,
): Promise<Uint8Array> {
  const hash = createHash('sha256').update(`${compiler}\n${source}`).digest('hex')
  const kept = join(cache, `${hash}.wasm`)
  const known = await readFile(kept).catch(() => undefined)
  if (known) return known
  const folder = join(cache, `build-${randomUUID()}`)
  await mkdir(folder, { recursive: true })
  try {
    const output = await compile(folder)
    await rename(output, kept)
    return await readFile(kept)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
