// A real builder for one test, and folders of functions for it.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../../src/base/log.ts'
import { Builder, type BuilderOptions } from '../../src/build/build.ts'
import { findSource } from '../../src/build/source.ts'
import type { Source } from '../../src/model.ts'

export const mediaFolder = fileURLToPath(new URL('../../media', import.meta.url))
export const compilerWorkerUrl = new URL('./compiler-worker.mjs', import.meta.url)
export const limits = { timeoutMs: 5_000, maxMemoryBytes: 64 * 1024 * 1024 }

export function makeBuilder(t: TestContext, options: Partial<BuilderOptions> = {}): Builder {
  const pathEnv = process.env['PATH'] ?? ''
  const builder = new Builder({
    pathEnv,
    mediaFolder,
    workerUrl: compilerWorkerUrl,
    log: silentLog,
    ...options,
  })
  t.after(() => builder.stop())
  return builder
}

/** Writes the files into `parent/name`, folders on the way included. */
export async function writeFunction(
  parent: string,
  name: string,
  files: Record<string, string | Uint8Array>,
): Promise<string> {
  const folder = join(parent, name)
  await mkdir(folder, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

export async function makeSource(
  parent: string,
  name: string,
  files: Record<string, string | Uint8Array>,
): Promise<Source> {
  return findSource(await writeFunction(parent, name, files), limits)
}
