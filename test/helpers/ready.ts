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
