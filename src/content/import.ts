// Files to UnixFS blocks, by an explicit profile: the same bytes under another profile have another CID.

import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../base/errors.ts'
import type { ImportProfile } from '../model.ts'
import type { Block } from './dag/codecs.ts'

export interface ImportSettings {
  cidVersion: 0 | 1
  rawLeaves: boolean
  chunkBytes: number
  maxLinks: number
  /** How the size of a directory is estimated when it is decided whether to shard it. */
  directoryEstimate: 'links-bytes' | 'block-bytes'
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

export type ImportEntry =
  | { path: string; content: AsyncIterable<Uint8Array> | Uint8Array }
  | { path: string; link: string }
  | { path: string; directory: true }

export interface ImportedEntry {
  /** As it was given; empty for the directory around all of them. */
  path: string
  cid: CID
  /** Bytes of its whole DAG, as Kubo reports it. */
  dagSize: number
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
  const store = {
    put: async (cid: CID, bytes: unknown): Promise<CID> => {
      if (!(bytes instanceof Uint8Array)) throw new WasmateError('INTERNAL', 'the importer gave a stream')
      await put({ cid, bytes })
      return cid
    },
  }
  const options = {
    cidVersion: settings.cidVersion,
    rawLeaves: settings.rawLeaves,
    chunker: fixedSize({ chunkSize: settings.chunkBytes }),
    layout: balanced({ maxChildrenPerNode: settings.maxLinks }),
    shardSplitStrategy: settings.directoryEstimate,
    wrapWithDirectory: wrap,
    fileImportConcurrency: 1,
  }
  for await (const { path = '', cid, size } of importer(
    readEntries(entries, onBytes, signal),
    store,
    options,
  )) {
    yield { path, cid, dagSize: Number(size) }
  }
}

type Candidate = { path: string; content?: AsyncIterable<Uint8Array>; link?: string }

async function* readEntries(
  entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
  onBytes: ImportOptions['onBytes'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Candidate & { path: string }> {
  for await (const entry of entries) {
    signal?.throwIfAborted()
    if ('content' in entry)
      yield { path: entry.path, content: readContent(entry.path, entry.content, onBytes, signal) }
    else if ('link' in entry) yield { path: entry.path, link: entry.link }
    else yield { path: entry.path }
  }
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
