// Files to UnixFS blocks, by an explicit profile: the same bytes under another profile have another CID.

import { posix } from 'node:path'
import { type ImportResult, type InProgressImportResult, importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { ImportProfile } from '../model.ts'
import type { Block } from './dag/codecs.ts'
import { type DirectorySettings, buildDirectory, toStore } from './dag/directory.ts'
import { Nesting, type NestedEntry } from './dag/nesting.ts'

export interface ImportSettings extends DirectorySettings {
  rawLeaves: boolean
  chunkBytes: number
  maxLinks: number
}

/** IPIP-499 for the two dated profiles; kubo-v1 is what `ipfs add --cid-version=1` does by default. */
export const importProfiles: Readonly<Record<ImportProfile, ImportSettings>> = {
  'unixfs-v1-2025': {
    cidVersion: 1,
    rawLeaves: true,
    chunkBytes: 1_048_576,
    maxLinks: 1024,
    directoryEstimate: 'block-bytes',
  },
  'unixfs-v0-2015': {
    cidVersion: 0,
    rawLeaves: false,
    chunkBytes: 262_144,
    maxLinks: 174,
    directoryEstimate: 'links-bytes',
  },
  'kubo-v1': {
    cidVersion: 1,
    rawLeaves: true,
    chunkBytes: 262_144,
    maxLinks: 174,
    directoryEstimate: 'links-bytes',
  },
}

/** What is not a directory may be without a path: it is called by its CID then. */
export type ImportEntry =
  | { path: string; content: AsyncIterable<Uint8Array> | Uint8Array }
  | { path: string; link: string }
  | { path: string; directory: true }

export interface ImportedEntry extends NestedEntry {
  /** A symbolic link. */
  isLink?: boolean
}

export interface ImportOptions extends ImportSettings {
  /** Put all entries into one directory without a name. */
  wrap: boolean
  /** Told of each chunk of a file that was read. */
  onBytes?: (path: string, bytes: number) => void
  signal?: AbortSignal
}

/**
 * Hands every block to `put` and yields entries as they are finished, a directory after what is in it.
 * Entries are read one after the other, as a multipart body brings them.
 */
export async function* importEntries(
  entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
  put: (block: Block) => Promise<unknown>,
  { wrap, onBytes, signal, ...settings }: ImportOptions,
): AsyncGenerator<ImportedEntry> {
  const tree = new Nesting((links) => buildDirectory(links, put, settings))
  const options = {
    cidVersion: settings.cidVersion,
    rawLeaves: settings.rawLeaves,
    chunker: fixedSize({ chunkSize: settings.chunkBytes }),
    layout: balanced({ maxChildrenPerNode: settings.maxLinks }),
    fileImportConcurrency: 1,
    treeBuilder: (source: AsyncIterable<InProgressImportResult>) => source as AsyncIterable<ImportResult>,
  }
  const candidates = readEntries(entries, tree, onBytes, signal)
  for await (const { path, cid, size, unixfs } of importer(candidates, toStore(put), options)) {
    const entry = { path: path || cid.toString(), cid, dagSize: Number(size) }
    // Files side by side need not have different names.
    if (wrap || entry.path.includes('/')) tree.addFile(entry)
    yield unixfs?.type === 'symlink' ? { ...entry, isLink: true } : entry
  }
  yield* tree.build(wrap)
}

type Candidate = { path: string; content: AsyncIterable<Uint8Array> } | { path: string; link: string }

/** What the importer makes blocks of; directories go right into the tree. */
async function* readEntries(
  entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
  tree: Nesting,
  onBytes: ImportOptions['onBytes'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Candidate> {
  for await (const entry of entries) {
    signal?.throwIfAborted()
    const path = cleanPath(entry.path)
    if ('content' in entry) yield { path, content: readContent(path, entry.content, onBytes, signal) }
    else if ('link' in entry) yield { path, link: entry.link }
    else tree.addDirectory(path)
  }
}

/** As Kubo cleans them: no empty names, and `..` leads nowhere above the top. */
export function cleanPath(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/|\/$/g, '')
}

async function* readContent(
  path: string,
  content: AsyncIterable<Uint8Array> | Uint8Array,
  onBytes: ImportOptions['onBytes'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    signal?.throwIfAborted()
    bytes += chunk.length
    onBytes?.(path, bytes)
    yield chunk
  }
}

/** The CID of a file of these bytes; nothing is stored. */
export async function cidOfFile(content: Uint8Array, profile: ImportProfile): Promise<string> {
  const settings = { ...importProfiles[profile], wrap: false }
  let cid = ''
  for await (const entry of importEntries([{ path: 'file', content }], async () => undefined, settings)) {
    cid = entry.cid.toString()
  }
  return cid
}
