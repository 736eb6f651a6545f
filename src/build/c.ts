// C, compiled by the clang or zig of this machine: one file (and what it includes) in, a reactor module out.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { startChild } from '../base/child-process.ts'
import { WasmateError } from '../base/errors.ts'
import type { Context, Source } from '../model.ts'
import { type Compiler, type CompilerSearch, findCompiler, howToInstall } from './compiler.ts'
import {
  BuildError,
  type Compiled,
  type Diagnostic,
  type Toolchain,
  type ToolchainReport,
  extensionsOf,
} from './toolchain.ts'

export interface COptions extends CompilerSearch {
  /** Folder of media; its include/ has extism-pdk.h. */
  mediaFolder: string
}

export class C implements Toolchain {
  readonly language = 'c'
  readonly extensions = extensionsOf.c
  readonly #options: COptions
  #found: Promise<Compiler | undefined> | undefined

  constructor(options: COptions) {
    this.#options = options
  }

  async compile(source: Source, { signal, report }: Context): Promise<Compiled> {
    report?.({ doing: `Compiling ${source.name}` })
    const compiler = await this.#find()
    if (!compiler) throw new WasmateError('TOOLCHAIN_MISSING', howToInstall(this.#options))
    const folder = await mkdtemp(join(tmpdir(), 'wasmate-c-'))
    try {
      const out = join(folder, 'out.wasm')
      const { code, lines } = await this.#run(compiler, source, out, signal)
      const entry = relative(source.folder, source.entry).split(sep).join('/')
      const diagnostics = readDiagnostics(lines, entry, compiler.family)
      if (code !== 0) throw toBuildError(diagnostics, lines, `${compiler.version} ended with code ${code}`)
      return { bytes: await readFile(out), toolchain: compiler.version, warnings: diagnostics }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async check(): Promise<ToolchainReport> {
    const found = await this.#find()
    if (!found) return { language: this.language, found: false, detail: howToInstall(this.#options) }
    const library = found.libc ? '' : ', without wasi-libc: freestanding'
    const detail = `${found.version} (${found.command}${library})`
    return { language: this.language, found: true, detail }
  }

  /** Sought once; again only while nothing was found, so that it can be installed meanwhile. */
  async #find(): Promise<Compiler | undefined> {
    this.#found ??= findCompiler(this.#options)
    const found = await this.#found
    if (!found) this.#found = undefined
    return found
  }

  async #run(
    compiler: Compiler,
    source: Source,
    out: string,
    signal: AbortSignal | undefined,
  ): Promise<{ code: number | null; lines: string[] }> {
    if (signal?.aborted) throw new WasmateError('CANCELLED', undefined, { cause: signal.reason })
    const lines: string[] = []
    const child = await startChild({
      command: compiler.command,
      args: [...compiler.args, ...this.#flags(compiler, source, out)],
      cwd: source.folder,
      env: { PATH: this.#options.pathEnv, LC_ALL: 'C' },
      onLine: (line) => lines.push(line),
    })
    const cancel = (): void => void child.kill()
    signal?.addEventListener('abort', cancel, { once: true })
    const { code } = await child.exited
    signal?.removeEventListener('abort', cancel)
    if (signal?.aborted) throw new WasmateError('CANCELLED', undefined, { cause: signal.reason })
    return { code, lines }
  }

  /** The entry is named relative to its folder, where the compiler runs: no path of this machine gets in. */
  #flags(compiler: Compiler, source: Source, out: string): string[] {
    const target = compiler.libc
      ? ['--target=wasm32-wasi', '-mexec-model=reactor']
      : ['--target=wasm32', '-nostdlib', '-ffreestanding', '-mbulk-memory', '-Wl,--no-entry']
    const include = join(this.#options.mediaFolder, 'include')
    const entry = `.${sep}${relative(source.folder, source.entry)}`
    const report = ['-fno-color-diagnostics', '-fno-caret-diagnostics', '-Wall']
    return [...target, '-O2', '-I', include, ...report, '-o', out, entry]
  }
}

function toBuildError(diagnostics: Diagnostic[], lines: string[], otherwise: string): BuildError {
  const errors = diagnostics.filter((each) => each.severity === 'error')
  if (errors.length > 0) return new BuildError(errors)
  return new BuildError([], lines.join('\n') || otherwise)
}

/** `file:line:column: error: message` of clang; what the linker says has no place and is put to the entry. */
export function readDiagnostics(lines: string[], entry: string, family: string): Diagnostic[] {
  return lines.flatMap((line): Diagnostic[] => {
    const [, path = '', at, column, kind, message = ''] =
      /^(.+?):(\d+):(\d+): (?:fatal )?(error|warning): (.*)$/.exec(line) ?? []
    if (kind !== undefined) {
      const file = path.replace(/^\.[\\/]/, '').replaceAll('\\', '/')
      const severity = kind === 'warning' ? 'warning' : 'error'
      return [{ file, line: Number(at), column: Number(column), message, severity }]
    }
    // Its object file has a name made up for the occasion.
    const [, linked] = /^(?:wasm-ld|lld|.*wasm-ld[^:]*): error: (?:.*\.o: )?(.*)$/.exec(line) ?? []
    const [, driven] = new RegExp(`^${family}[^:]*: (?:fatal )?error: (.*)$`).exec(line) ?? []
    const said = linked ?? (driven?.startsWith('linker command failed') ? undefined : driven)
    return said === undefined ? [] : [{ file: entry, line: 1, column: 1, message: said, severity: 'error' }]
  })
}
