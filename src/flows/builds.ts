// What each function's source was last built to, and whether it has changed since. Survives a restart.

import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readState } from '../base/disk/state-file.ts'
import { StateWriter } from '../base/disk/state-writer.ts'
import { describe } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type Source, importProfileNames } from '../model.ts'

const buildSchema = z.object({
  cid: z.string(),
  size: z.number(),
  exports: z.array(z.string()),
  /** Milliseconds since 1970. */
  builtAt: z.number(),
  /** Of the files it was built from. */
  stamp: z.string(),
  /** What is needed to register it; absent where it was built and not pinned. */
  pinned: z
    .object({ sha256: z.string(), sourceCid: z.string(), profile: z.enum(importProfileNames) })
    .optional(),
})

export type Build = Readonly<z.infer<typeof buildSchema>>

/** A folder with more in it is not a function's; of such a one the entry alone counts. */
const maxFiles = 500

export class Builds {
  readonly #log: Log
  readonly #path: string
  /** By the path of the source. */
  #builds = new Map<string, Build>()
  readonly #writer: StateWriter

  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
    this.#writer = new StateWriter(path, () => [...this.#builds])
  }

  /** What is lost with a damaged file is made again by the next build. */
  async open(): Promise<void> {
    const parse = (value: unknown): [string, Build][] =>
      z.array(z.tuple([z.string(), buildSchema])).parse(value)
    const stored = await readState(this.#path, parse).catch((error: unknown) => {
      this.#log.warn(`${describe(error)}; functions count as not built`)
    })
    this.#builds = new Map([...(stored ?? []), ...this.#builds])
  }

  find({ path }: Pick<Source, 'path'>): Build | undefined {
    return this.#builds.get(path)
  }

  /** The source that was last built to this, by its path. */
  builtTo(cid: string): { path: string; stamp: string } | undefined {
    for (const [path, build] of this.#builds) if (build.cid === cid) return { path, stamp: build.stamp }
    return undefined
  }

  /** `stamp` is that of the source before it was built: what changed meanwhile counts as changed. */
  async record({ path }: Pick<Source, 'path'>, build: Build): Promise<void> {
    this.#builds.set(path, build)
    await this.#writer.save()
  }

  flush(): Promise<void> {
    return this.#writer.flush()
  }
}

/** Tells whether files came, went or changed; their bytes are not read. */
export async function stampSource({ folder, entry, language }: Source): Promise<string> {
  const paths = language === 'wasm' ? [entry] : await listFiles(folder)
  const hash = createHash('sha256')
  for (const path of paths.length > maxFiles ? [entry] : paths) {
    const found = await stat(path).catch(() => undefined)
    hash.update(`${path} ${found?.size} ${found?.mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found: string[] = []
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || found.length > maxFiles) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await listFiles(path)))
    else if (entry.isFile() && !entry.name.endsWith('.wasm')) found.push(path)
  }
  return found
}
