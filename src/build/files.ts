// What a function's module can be built from again, elsewhere: its source files and what compiled them.

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Source, WasmModule } from '../model.ts'

export interface SourceFile {
  /** Relative to the function's folder, with forward slashes. */
  path: string
  bytes: Uint8Array
}

/** What compiled it is recorded beside the sources under this name. */
const recordName = 'wasmate.build.json'
const maxFiles = 200

/**
 * Files of the function's folder without hidden ones, dependencies and modules; none for a ready module. A folder
 * with more files than a function has is somebody's home or a repository: then it is the entry alone.
 */
export async function readSourceFiles(source: Source, module: WasmModule): Promise<SourceFile[]> {
  if (source.language === 'wasm') return []
  const paths = await listFiles(source.folder)
  const kept =
    paths.length > maxFiles ? paths.filter((path) => join(source.folder, path) === source.entry) : paths
  const files = await Promise.all(kept.map((path) => readSourceFile(source.folder, path)))
  const record = { toolchain: module.toolchain, sha256: module.sha256 }
  return [...files, { path: recordName, bytes: new TextEncoder().encode(JSON.stringify(record)) }]
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

async function readSourceFile(folder: string, path: string): Promise<SourceFile> {
  return { path, bytes: await readFile(join(folder, path)) }
}
