// Which C compiler of this machine can make WebAssembly: a setting and a PATH in, a compiler or nothing out.

import { execFile } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { devNull } from 'node:os'
import { delimiter, isAbsolute, join, normalize } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface CompilerSearch {
  /** Path of a clang; nothing else is sought when it is set. */
  clang?: string | undefined
  pathEnv: string
}

export interface Compiler {
  command: string
  /** Go before everything else: `cc` of zig. */
  args: string[]
  family: 'clang' | 'zig'
  /** `clang 14.0.6`. */
  version: string
  /** Whether wasi-libc is there; without it a program is freestanding. */
  libc: boolean
}

const clangNames = ['clang', ...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((major) => `clang-${major}`)]
// Apple's own clang can't make WebAssembly; Homebrew's LLVM is not on PATH unless asked for.
const homebrewFolders = ['/opt/homebrew/opt/llvm/bin', '/usr/local/opt/llvm/bin']

/** The first that works: the setting alone; else clang, zig, and zig as a Python package. */
export async function findCompiler(search: CompilerSearch): Promise<Compiler | undefined> {
  if (search.clang) return tryClang(search.clang, search)
  const folders = search.pathEnv.split(delimiter).filter((folder) => isAbsolute(folder))
  const sought =
    folders.length > 0 && process.platform === 'darwin' ? [...folders, ...homebrewFolders] : folders
  for (const name of clangNames) {
    const path = await findProgram(name, sought)
    const clang = path === undefined ? undefined : await tryClang(path, search)
    if (clang) return clang
  }
  const zig = await findProgram('zig', folders)
  const found = zig === undefined ? undefined : await tryZig(zig, [], search)
  if (found) return found
  const python = (await findProgram('python3', folders)) ?? (await findProgram('python', folders))
  return python === undefined ? undefined : tryZig(python, ['-m', 'ziglang'], search)
}

/** What was sought, and what to install, for TOOLCHAIN_MISSING. */
export function howToInstall({ clang, pathEnv }: CompilerSearch): string {
  const sought = clang
    ? `${clang} (wasmate.build.clang) is no clang with the wasm32 target and wasm-ld`
    : `no clang with the wasm32 target and wasm-ld, and no zig, on PATH (${pathEnv || 'empty'})`
  return `${sought}. To install it: ${installCommand()}; or on any system: pip install ziglang`
}

function installCommand(): string {
  if (process.platform === 'darwin') return 'brew install llvm lld'
  if (process.platform === 'win32') return 'winget install LLVM.LLVM'
  return 'apt install clang lld wasi-libc libclang-rt-dev-wasm32 (Debian, Ubuntu), dnf install clang lld wasi-libc-devel (Fedora), pacman -S clang lld wasi-libc wasi-compiler-rt (Arch)'
}

/** Folders that the compiler reads its own headers from, for `#include <...>`. */
export async function includeFolders(
  { command, args }: Compiler,
  target: string,
  search: CompilerSearch,
): Promise<string[]> {
  const env = { ...process.env, PATH: search.pathEnv, LC_ALL: 'C' }
  const ask = [...args, target, '-E', '-v', '-x', 'c', devNull]
  const { stderr } = await run(command, ask, { env, timeout: 20_000 })
  const [, listed = ''] =
    /#include <\.\.\.> search starts here:\n([^]*?)\nEnd of search list/.exec(stderr.replaceAll('\r', '')) ??
    []
  return listed.split('\n').map((line) => normalize(line.trim()))
}

async function findProgram(name: string, folders: string[]): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${name}.exe` : name
  for (const folder of folders) {
    const path = join(folder, file)
    const usable = await access(path, constants.X_OK).then(
      async () => (await stat(path)).isFile(),
      () => false,
    )
    if (usable) return path
  }
  return undefined
}

async function tryClang(command: string, search: CompilerSearch): Promise<Compiler | undefined> {
  const ask = (...args: string[]): Promise<string | undefined> => askProgram(command, args, search)
  const target = '--target=wasm32-wasi'
  const [targets, version, linker, start, builtins] = await Promise.all([
    ask('--print-targets'),
    ask('--version'),
    ask(target, '-print-prog-name=wasm-ld'),
    ask(target, '-print-file-name=crt1-reactor.o'),
    ask(target, '-print-libgcc-file-name'),
  ])
  if (!targets?.includes('wasm32') || !version) return undefined
  // clang gives back the bare name of what it did not find.
  if (!linker || !(await isFile(linker))) return undefined
  const libc = (await isFile(start)) && (await isFile(builtins))
  const number = /version (\d+(?:\.\d+)*)/.exec(version)?.[1] ?? 'of unknown version'
  return { command, args: [], family: 'clang', version: `clang ${number}`, libc }
}

async function tryZig(
  command: string,
  before: string[],
  search: CompilerSearch,
): Promise<Compiler | undefined> {
  const version = await askProgram(command, [...before, 'version'], search)
  if (!version || !/^\d+\.\d+/.test(version)) return undefined
  // zig brings its own wasi-libc.
  return { command, args: [...before, 'cc'], family: 'zig', version: `zig cc ${version}`, libc: true }
}

async function askProgram(
  command: string,
  args: string[],
  { pathEnv }: CompilerSearch,
): Promise<string | undefined> {
  const env = { ...process.env, PATH: pathEnv, LC_ALL: 'C' }
  const answer = await run(command, args, { env, timeout: 20_000 }).catch(() => undefined)
  return answer?.stdout.trim()
}

async function isFile(path: string | undefined): Promise<boolean> {
  if (path === undefined || !isAbsolute(path)) return false
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
