// A published source in, the module that it gives here out. The source is somebody else's: it is unpacked into a
// folder of its own, compiled within limits, never run, and removed.

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { WasmateError, describe, systemCode } from '../base/errors.ts'
import { printable } from '../base/printable.ts'
import type { Context, Source, WasmModule } from '../model.ts'
import { Builder, type BuilderOptions } from './build.ts'
import type { BuildRecord, PublishedSource, SourceFile } from './files.ts'

export interface RebuildOptions extends BuilderOptions {
  /** A rebuild that takes longer is ended: 2 minutes unless given. */
  rebuildMs?: number
}

const defaultRebuildMs = 120_000

/**
 * Throws FOLDER_REFUSED for files that can't be unpacked safely, NOT_REPRODUCIBLE when they don't compile here,
 * TOOLCHAIN_MISSING, CANCELLED. A builder of its own keeps what foreign source may do to a compiler, and the time
 * it may take, away from the functions that are worked on here.
 */
export async function rebuild(
  { files, record }: PublishedSource,
  options: RebuildOptions,
  context: Context,
): Promise<WasmModule> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'wasmate-rebuild-')))
  const builder = new Builder(options)
  try {
    await unpack(files, folder)
    const source = toSource(record, folder)
    return await withinTime(options.rebuildMs ?? defaultRebuildMs, context, (limited) =>
      builder.compile(source, limited),
    ).catch(async (error: unknown) => {
      throw await explain(error, record, builder)
    })
  } finally {
    await builder.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function toSource({ entry, language }: BuildRecord, folder: string): Source {
  const options = { timeoutMs: 0, maxMemoryBytes: 0, allowedHosts: [], config: {} }
  const entryPath = inside(folder, entry)
  return { name: 'rebuild', path: folder, folder, entry: entryPath, language, options, confined: true }
}

async function unpack(files: SourceFile[], folder: string): Promise<void> {
  const places = files.map(({ path, bytes }) => ({ path, bytes, place: inside(folder, path) }))
  for (const { path, place, bytes } of places) {
    try {
      await mkdir(dirname(place), { recursive: true })
      // Two files of one name, or of names that are one on this file system, are not merged.
      await writeFile(place, bytes, { flag: 'wx' })
    } catch (error) {
      const isOfTheNames = ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL', 'ENOENT']
      if (!isOfTheNames.includes(systemCode(error) ?? '')) throw error
      throw refused(path, 'can not be written beside the others', error)
    }
  }
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** The place of a foreign path in the folder; throws FOLDER_REFUSED when it is not in there, on any system. */
function inside(folder: string, path: string): string {
  const segments = path.split('/')
  const place = resolve(folder, ...segments)
  const isOdd = (segment: string): boolean =>
    ['', '.', '..'].includes(segment) ||
    /[\\:\p{Cc}]/u.test(segment) ||
    (process.platform === 'win32' && reserved.test(segment))
  if (segments.some(isOdd) || relative(folder, place) !== segments.join(sep)) {
    throw refused(path, 'is no plain path within the folder')
  }
  return place
}

function refused(path: string, why: string, cause?: unknown): WasmateError {
  return new WasmateError('FOLDER_REFUSED', `${JSON.stringify(path.slice(0, 200))} ${why}`, { cause })
}

async function withinTime<T>(
  ms: number,
  context: Context,
  work: (limited: Context) => Promise<T>,
): Promise<T> {
  const { signal } = context
  const ended = new AbortController()
  const end = (): void => ended.abort(signal?.reason)
  const limit = setTimeout(end, ms)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  try {
    return await work({ ...context, signal: ended.signal })
  } catch (error) {
    if (!ended.signal.aborted || signal?.aborted) throw error
    throw new WasmateError('NOT_REPRODUCIBLE', `building it took longer than ${ms} ms`, { cause: error })
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', end)
  }
}

const ofThisMachine = ['TOOLCHAIN_MISSING', 'CANCELLED', 'INTERNAL', 'STATE_UNWRITABLE', 'NOT_REPRODUCIBLE']

/** What a compiler says of a foreign source, as what it means for whoever verifies it. */
async function explain(error: unknown, record: BuildRecord, builder: Builder): Promise<unknown> {
  if (!(error instanceof WasmateError) || ofThisMachine.includes(error.code)) return error
  const here = (await builder.check()).find(({ language }) => language === record.language)?.version
  const said = printable(error.code === 'BUILD_FAILED' ? (error.detail ?? '') : describe(error))
  const reason = reasons.find(([words]) => words.test(said))?.[1]
  const told = [`it does not compile here: ${said}`, ...(reason === undefined ? [] : [reason])]
  if (here !== undefined && here !== record.toolchain) {
    const other = `it was built with ${record.toolchain}, here is ${here}`
    told.push(reason === undefined ? `${other}: the likely cause` : other)
  }
  return new WasmateError('NOT_REPRODUCIBLE', told.join('; '), { cause: error })
}

const reasons: [words: RegExp, reason: string][] = [
  [
    /file not found|File '.*' not found/,
    'the source needs a file that was not published with it: what is outside of its folder, hidden, in node_modules or a .wasm is not',
  ],
  [/inline assembly is disabled/, 'assembly in C can read any file, so that of others is not built'],
]
