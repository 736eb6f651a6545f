// Folders where something is made before it is moved into place, and the sweeping of those whose maker died.

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { identify } from '../base/process.ts'

const prefix = '.making-'

/** Runs `make` with a fresh folder inside `parent`, and removes the folder whatever happens. */
export async function withStaging<T>(parent: string, make: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true })
  await sweep(parent)
  const folder = await mkdtemp(join(parent, `${prefix}${process.pid}-`))
  try {
    return await make(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
    if (Number.isNaN(pid) || (await identify(pid))) continue
    await rm(join(parent, name), { recursive: true, force: true })
  }
}
