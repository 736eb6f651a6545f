// A file or a folder copied while others may go on writing to it.

import { copyFile, link, mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCode } from '../errors.ts'

export interface CopyOptions {
  /** Files that are never written to again: they are linked, where that can be done. */
  isFinal?: (path: string) => boolean
  signal?: AbortSignal | undefined
}

/** What goes meanwhile is left out; a final file that is there already is left as it is. */
export async function copyTree(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  options.signal?.throwIfAborted()
  const found = await stat(from).catch(unlessGone)
  if (found?.isFile()) return copyOne(from, to, options.isFinal?.(from) ?? false)
  if (!found?.isDirectory()) return
  await mkdir(to, { recursive: true })
  for (const name of (await readdir(from).catch(unlessGone)) ?? []) {
    await copyTree(join(from, name), join(to, name), options)
  }
}

async function copyOne(from: string, to: string, isFinal: boolean): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  if (isFinal) {
    try {
      return await link(from, to)
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return
      // Another file system, or one without links: it is copied.
    }
  }
  await copyFile(from, to).catch(unlessGone)
}

function unlessGone(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined
  throw error
}
