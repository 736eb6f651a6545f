// AssemblyScript, compiled in one warm thread.

import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { z } from 'zod'
import type { Context, Source } from '../model.ts'
import type { CompileRequest } from './assemblyscript/program.ts'
import { CompilerThread } from './assemblyscript/thread.ts'
import {
  BuildError,
  type Compiled,
  type Covered,
  type Purpose,
  type Toolchain,
  type ToolchainReport,
  extensionsOf,
} from './toolchain.ts'

export interface AssemblyScriptOptions {
  /** The module that runs in the thread; `.ts` is run by tsx. */
  workerUrl: URL
  /** Folder of media: templates, and the library files that are compiled in. */
  mediaFolder: string
  /** `node_modules` folders that have the packages functions import; by default the one @extism/as-pdk is in. */
  packageFolders?: string[]
  /** A compilation that takes longer is ended. */
  timeoutMs?: number
}

export class AssemblyScript implements Toolchain {
  readonly language = 'assemblyscript'
  readonly extensions = extensionsOf.assemblyscript
  readonly #options: AssemblyScriptOptions
  readonly #thread: CompilerThread

  constructor(options: AssemblyScriptOptions) {
    this.#options = options
    this.#thread = new CompilerThread(options.workerUrl, options.timeoutMs ?? 60_000)
  }

  /** Begins to warm the thread up with the template, and does not wait for it. */
  start(): Promise<void> {
    const template = join(this.#options.mediaFolder, 'templates', 'hello', 'assemblyscript')
    this.#thread.warmUpWith(this.#request(template, 'index.ts'))
    return Promise.resolve()
  }

  stop(): Promise<void> {
    return this.#thread.stop()
  }

  async compile(source: Source, context: Context, purpose?: Purpose): Promise<Compiled> {
    return this.#run(source, { debug: purpose === 'debug', lines: purpose === 'lines' }, context)
  }

  async compileCovered(source: Source, context: Context): Promise<Covered> {
    return { places: [], ...(await this.#run(source, { covered: true }, context)) }
  }

  check(): Promise<ToolchainReport> {
    const manifest: unknown = createRequire(import.meta.url)('assemblyscript/package.json')
    const { version } = z.object({ version: z.string() }).parse(manifest)
    const detail = `assemblyscript ${version} (comes with Wasmate)`
    return Promise.resolve({
      language: this.language,
      found: true,
      version: `assemblyscript ${version}`,
      detail,
    })
  }

  async #run(
    source: Source,
    how: Pick<CompileRequest, 'covered' | 'debug' | 'lines'>,
    { signal, report }: Context,
  ): Promise<Compiled & Partial<Covered>> {
    report?.({ doing: `Compiling ${source.name}` })
    const entry = relative(source.folder, source.entry).split(sep).join('/')
    const request = { ...this.#request(source.folder, entry, source.confined), ...how }
    const { bytes, diagnostics, version, places, symbols } = await this.#thread.run(request, signal)
    if (!bytes) throw new BuildError(diagnostics.filter((each) => each.severity === 'error'))
    const toolchain = `assemblyscript ${version}`
    return { bytes, toolchain, warnings: diagnostics, symbols, ...(places && { places }) }
  }

  #request(folder: string, entry: string, confined = false): CompileRequest {
    const { mediaFolder, packageFolders = [ownPackageFolder()] } = this.#options
    return { folder, entry, confined, packageFolders, runtimeFolder: join(mediaFolder, 'assemblyscript') }
  }
}

function ownPackageFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('@extism/as-pdk/package.json')
  return dirname(dirname(dirname(manifest)))
}
