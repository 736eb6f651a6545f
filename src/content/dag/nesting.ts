// Imported entries by their paths to directories: each built when all that is in it is known, innermost first.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import type { DirectoryLink } from './directory.ts'

export interface NestedEntry {
  /** As it was given; empty for the directory around all of them. */
  path: string
  cid: CID
  /** Bytes of its whole DAG, as Kubo reports it. */
  dagSize: number
}

export type BuildDirectory = (links: DirectoryLink[]) => Promise<Omit<DirectoryLink, 'name'>>

/**
 * The importer's own tree splits paths at slashes unless a backslash stands before one, though a name may end in
 * one; and it says nothing of empty directories.
 */
export class Nesting {
  readonly #root: Folder = new Map()
  readonly #build: BuildDirectory

  constructor(build: BuildDirectory) {
    this.#build = build
  }

  /** Throws INPUT_INVALID when something else has the place. */
  addFile(entry: NestedEntry): void {
    const names = splitPath(entry.path)
    const name = names.pop() ?? ''
    const folder = this.#open(names, entry.path)
    if (folder.has(name)) throw taken(entry.path)
    folder.set(name, entry)
  }

  /** Throws INPUT_INVALID when a file has the place; a directory may be named many times. */
  addDirectory(path: string): void {
    this.#open(splitPath(path), path)
  }

  /** Every directory after those in it, by name; with `wrap` the one around all of them last. */
  async *build(wrap: boolean): AsyncGenerator<NestedEntry> {
    const links: DirectoryLink[] = []
    for (const [name, place] of sorted(this.#root)) {
      if (place instanceof Map)
        yield* this.#buildFolder(place, name, (built) => links.push({ name, ...built }))
      else links.push({ ...place, name })
    }
    if (wrap) yield { path: '', ...(await this.#build(links)) }
  }

  async *#buildFolder(
    folder: Folder,
    path: string,
    done: (built: Omit<DirectoryLink, 'name'>) => unknown,
  ): AsyncGenerator<NestedEntry> {
    const links: DirectoryLink[] = []
    for (const [name, place] of sorted(folder)) {
      if (place instanceof Map) {
        yield* this.#buildFolder(place, `${path}/${name}`, (built) => links.push({ name, ...built }))
      } else links.push({ ...place, name })
    }
    const built = await this.#build(links)
    done(built)
    yield { path, ...built }
  }

  #open(names: string[], path: string): Folder {
    let folder = this.#root
    for (const name of names) {
      const next = folder.get(name) ?? new Map<string, Folder | NestedEntry>()
      if (!(next instanceof Map)) throw taken(path)
      folder.set(name, next)
      folder = next
    }
    return folder
  }
}

type Folder = Map<string, Folder | NestedEntry>

/** Most directories a path may lie in: deeper than any file system goes, and shallow enough for the stack. */
const maxDepth = 512

function splitPath(path: string): string[] {
  const names = path.split('/').filter(Boolean)
  if (names.length <= maxDepth) return names
  throw new WasmateError('INPUT_INVALID', `${path.slice(0, 60)}... lies in more than ${maxDepth} directories`)
}

function sorted(folder: Folder): [string, Folder | NestedEntry][] {
  return [...folder].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function taken(path: string): WasmateError {
  return new WasmateError('INPUT_INVALID', `${JSON.stringify(path.slice(0, 300))} is there twice`)
}
