// A file or a folder by CID from gateways that nobody needs to trust, whole and in memory.

import type { CID } from 'multiformats/cid'
import type { Context } from '../../model.ts'
import { type BlockReader, parseCid } from '../dag/codecs.ts'
import { type FolderFile, type FolderLimits, extractFolder } from '../dag/folder.ts'
import { extractFile, readNode, tooLarge } from '../dag/unixfs.ts'
import { walkDag } from '../dag/walk.ts'
import { BlockCache } from '../tree/cache.ts'
import { RetrievalSession } from './session.ts'

export interface RetrieveOptions extends Context {
  /** URLs of trustless gateways, without /ipfs. */
  gateways: string[]
  /** Delegated routers, asked when no gateway has it. Nothing else is contacted. */
  routers?: string[]
  /** Largest file in bytes; its DAG may have a tenth and 1 MiB more. */
  maxBytes: number
  /** How long a gateway may stay silent before it is given up: 5 seconds unless given. */
  silenceMs?: number
}

/**
 * Gives the files of a directory, each with its path. Throws what `retrieveFile` throws, and FOLDER_REFUSED for
 * links, odd names and too many files.
 */
export async function retrieveFolder(
  cid: string,
  options: RetrieveOptions & FolderLimits,
): Promise<FolderFile[]> {
  const root = parseCid(cid)
  return extractFolder(await receiveDag(root, options), root, options)
}

/**
 * Gives the bytes of a file, a raw block, or the one .wasm of a directory. Throws CID_INVALID, GATEWAYS_FAILED
 * with what each gateway did as its cause, CONTENT_TOO_LARGE, CODEC_UNSUPPORTED, CONTENT_NOT_FOUND when the DAG
 * holds no such file, or CANCELLED.
 */
export async function retrieveFile(cid: string, options: RetrieveOptions): Promise<Uint8Array> {
  const root = parseCid(cid)
  return extractFile(await receiveDag(root, options), root, options.maxBytes)
}

async function receiveDag(root: CID, options: RetrieveOptions): Promise<BlockReader> {
  const { routers = [], report, maxBytes, ...rest } = options
  const received = new BlockCache(Number.MAX_SAFE_INTEGER)
  const session = new RetrievalSession({
    gateways: rest.gateways,
    silenceMs: rest.silenceMs,
    signal: rest.signal,
    ask: { root, segments: [], scope: 'all' },
    store: received,
    routers,
    maxBytes: Math.ceil((maxBytes + 1024 * 1024) * 1.1),
  })
  try {
    let size: number | undefined
    for await (const block of walkDag(session, root)) {
      size ??= readNode(block).size
      // A small DAG may unfold into a large file, and the root tells.
      if (size > maxBytes) throw tooLarge(root, size, maxBytes)
      const fraction = size > 0 ? Math.min(1, received.bytes / size) : 0
      report?.({ doing: `fetching ${root.toString()}`, fraction })
    }
    return received
  } finally {
    await session.close()
  }
}
