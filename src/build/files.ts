// What a function's module can be built from again, elsewhere: its source files and what compiled them.

import { readFile, readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { WasmateError } from '../base/errors.ts'
import type { Source, WasmModule } from '../model.ts'
import { compiledLanguages } from './toolchain.ts'

export interface SourceFile {
  /** Relative to the function's folder, with forward slashes. */
  path: string
  bytes: Uint8Array
}

/** What compiled it is recorded beside the sources under this name. */
const recordName = 'wasmate.build.json'
const maxFiles = 200
const maxBytes = 16 * 1024 * 1024

/** What a published folder may have, its record counted; what is published here keeps to it. */
export const sourceLimits = { maxFiles: maxFiles + 1, maxBytes: maxBytes + 64 * 1024 }

const recordSchema = z.object({
  /** `clang 14.0.6`, as the compiler was called where it was published. */
  toolchain: z.string().regex(/^[ -~]{1,200}$/),
  /** Of the module that came out. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  language: z.string().refine((language) => compiledLanguages.some((each) => each === language)),
  /** The file that was compiled, relative to the folder. */
  entry: z.string().min(1),
})

export type BuildRecord = z.infer<typeof recordSchema>

/** A function's folder as somebody has published it: nothing in it is to be trusted. */
export interface PublishedSource {
  files: SourceFile[]
  record: BuildRecord
}

/**
 * Files of the function's folder without hidden ones, dependencies and modules, and the record; none for a ready
 * module. A folder with more in it than a function has is somebody's home or a repository: then it is the entry
 * alone.
 */
export async function readSourceFiles(source: Source, module: WasmModule): Promise<SourceFile[]> {
  if (source.language === 'wasm') return []
  const { folder, language } = source
  const entry = relative(folder, source.entry).split(sep).join('/')
  const paths = await listFiles(folder)
  const kept = (await isTooMuch(folder, paths)) ? [entry] : paths
  const files = await Promise.all(kept.map((path) => readSourceFile(folder, path)))
  const record = { toolchain: module.toolchain, sha256: module.sha256, language, entry }
  return [...files, { path: recordName, bytes: new TextEncoder().encode(JSON.stringify(record)) }]
}

/** Takes the record out of published files; throws NOT_REPRODUCIBLE when there is none that says how to build them. */
export function openPublished(files: SourceFile[]): PublishedSource {
  const found = files.find(({ path }) => path === recordName)
  if (!found) throw notReproducible(`its source has no ${recordName}, which says what compiled it`)
  const parsed = recordSchema.safeParse(parseJson(found.bytes))
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`)
    throw notReproducible(`${recordName} of its source is not valid: ${fields.join('; ')}`)
  }
  const record = parsed.data
  const rest = files.filter((file) => file !== found)
  if (rest.some(({ path }) => path === record.entry)) return { files: rest, record }
  throw notReproducible(`the file that was compiled, ${JSON.stringify(record.entry)}, is not in its source`)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // The schema then says that it is no object.
    return undefined
  }
}

function notReproducible(detail: string): WasmateError {
  return new WasmateError('NOT_REPRODUCIBLE', detail)
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === recordName) continue
    if (entry.isFile() && !entry.name.endsWith('.wasm')) found.push(entry.name)
    if (!entry.isDirectory() || found.length > maxFiles) continue
    const below = await listFiles(join(folder, entry.name))
    found.push(...below.map((path) => `${entry.name}/${path}`))
  }
  return found.sort()
}

async function isTooMuch(folder: string, paths: string[]): Promise<boolean> {
  if (paths.length > maxFiles) return true
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).size))
  return sizes.reduce((sum, size) => sum + size, 0) > maxBytes
}

async function readSourceFile(folder: string, path: string): Promise<SourceFile> {
  return { path, bytes: await readFile(join(folder, path)) }
}
