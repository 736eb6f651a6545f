// C, compiled by the clang or zig of this machine: one file (and what it includes) in, a reactor module out.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { startChild } from '../base/child-process.ts'
import { type Diagnostic, WasmateError } from '../base/errors.ts'
import type { Context, Source } from '../model.ts'
import { type Compiler, type CompilerSearch, findCompiler, howToInstall, includeFolders } from './compiler.ts'
import { confineTo, withinLimits } from './confine.ts'
import {
  BuildError,
  type Compiled,
  type Purpose,
  type Toolchain,
  type ToolchainReport,
  extensionsOf,
} from './toolchain.ts'

export interface COptions extends CompilerSearch {
  /** Folder of media; its include/ has extism-pdk.h. */
  mediaFolder: string
}

interface Outcome {
  code: number | null
  lines: string[]
}

interface Making {
  out: string
  confinement: string[]
  scratch: string
  purpose: Purpose | undefined
}

/** Of what a compiler says: the rest adds nothing. */
const maxLines = 1_000

export class C implements Toolchain {
  readonly language = 'c'
  readonly extensions = extensionsOf.c
  readonly #options: COptions
  #found: Promise<Compiler | undefined> | undefined

  constructor(options: COptions) {
    this.#options = options
  }

  async compile(source: Source, { signal, report }: Context, purpose?: Purpose): Promise<Compiled> {
    report?.({ doing: `Compiling ${source.name}` })
    const compiler = await this.#find()
    if (!compiler) throw new WasmateError('TOOLCHAIN_MISSING', howToInstall(this.#options))
    const folder = await mkdtemp(join(tmpdir(), 'wasmate-c-'))
    try {
      const out = join(folder, 'out.wasm')
      const confinement = await this.#confine(compiler, source, folder)
      const { code, lines } = await this.#runAll(
        compiler,
        source,
        { out, confinement, scratch: folder, purpose },
        signal,
      )
      const entry = relative(source.folder, source.entry).split(sep).join('/')
      const diagnostics = readDiagnostics(lines, entry, compiler.family)
      if (code !== 0) throw toBuildError(diagnostics, lines, `${compiler.version} ended with code ${code}`)
      return { bytes: await readFile(out), toolchain: describeCompiler(compiler), warnings: diagnostics }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async check(): Promise<ToolchainReport> {
    const found = await this.#find()
    if (!found) return { language: this.language, found: false, detail: howToInstall(this.#options) }
    const library = found.libc ? '' : ', without wasi-libc: freestanding'
    const detail = `${found.version} (${found.command}${library})`
    return { language: this.language, found: true, version: describeCompiler(found), detail }
  }

  /** Sought once; again only while nothing was found, so that it can be installed meanwhile. */
  async #find(): Promise<Compiler | undefined> {
    this.#found ??= findCompiler(this.#options)
    const found = await this.#found
    if (!found) this.#found = undefined
    return found
  }

  /** Ends with the first step that fails. */
  async #runAll(
    compiler: Compiler,
    source: Source,
    { out, confinement, scratch, purpose }: Making,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const said: string[] = []
    for (const step of this.#steps(compiler, source, out, purpose)) {
      const { code, lines } = await this.#run(
        compiler,
        source,
        { flags: [...step, ...confinement], scratch },
        signal,
      )
      said.push(...lines)
      if (code !== 0) return { code, lines: said }
    }
    return { code: 0, lines: said }
  }

  async #run(
    compiler: Compiler,
    source: Source,
    { flags, scratch }: { flags: string[]; scratch: string },
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    if (signal?.aborted) throw new WasmateError('CANCELLED', undefined, { cause: signal.reason })
    const lines: string[] = []
    const args = [...compiler.args, ...flags]
    const child = await startChild({
      ...(source.confined ? withinLimits(compiler.command, args) : { command: compiler.command, args }),
      cwd: source.folder,
      // A compiler that is killed leaves its temporary files.
      env: { PATH: this.#options.pathEnv, LC_ALL: 'C', TMPDIR: scratch, TMP: scratch, TEMP: scratch },
      onLine: (line) => lines.length < maxLines && lines.push(line),
    })
    const cancel = (): void => void child.kill()
    signal?.addEventListener('abort', cancel, { once: true })
    const { code } = await child.exited
    signal?.removeEventListener('abort', cancel)
    if (signal?.aborted) throw new WasmateError('CANCELLED', undefined, { cause: signal.reason })
    return { code, lines }
  }

  /** The entry is named relative to its folder, where the compiler runs. */
  #steps(compiler: Compiler, source: Source, out: string, purpose?: Purpose): string[][] {
    const target = targetOf(compiler)
    const isForDebugger = purpose === 'debug'
    // A debugger has to find the source; no path of this machine gets into what is published, by __FILE__ say.
    const entry = isForDebugger ? source.entry : `.${sep}${relative(source.folder, source.entry)}`
    const optimised = [isForDebugger ? '-O0' : '-O2', ...(purpose === undefined ? [] : ['-gdwarf-4'])]
    const report = ['-fno-color-diagnostics', '-fno-caret-diagnostics', '-Wall', '-Wdate-time']
    const free = compiler.libc ? [] : ['-ffreestanding', '-mbulk-memory']
    const compile = [target, ...free, ...optimised, '-I', this.#includeFolder, ...report]
    const link = compiler.libc ? ['-mexec-model=reactor'] : ['-nostdlib', '-Wl,--no-entry']
    // Unless told otherwise, zig writes down where its library and the source are.
    if (compiler.family === 'zig')
      return [[...compile, ...link, ...(purpose === undefined ? ['-s'] : []), '-o', out, entry]]
    // When clang links with -O it runs whatever wasm-opt is on PATH: other machines would make other bytes.
    const object = `${out}.o`
    return [
      [...compile, '-c', '-o', object, entry],
      [target, ...link, '-o', out, object],
    ]
  }

  get #includeFolder(): string {
    return join(this.#options.mediaFolder, 'include')
  }

  async #confine(compiler: Compiler, { confined, folder }: Source, scratch: string): Promise<string[]> {
    if (!confined) return []
    const own = await includeFolders(compiler, targetOf(compiler), this.#options)
    return confineTo([folder, this.#includeFolder, ...own], join(scratch, 'overlay.yaml'))
  }
}

/** What the bytes depend on: a program without wasi-libc is another one. */
function describeCompiler({ version, libc }: Compiler): string {
  return libc ? version : `${version} freestanding`
}

function targetOf({ libc }: Compiler): string {
  return libc ? '--target=wasm32-wasi' : '--target=wasm32'
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
