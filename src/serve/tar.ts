// A UnixFS tree as a TAR that is made while it is sent.

import { Header, Pax } from 'tar'
import type { BlockReader } from '../content/dag/codecs.ts'
import { readBytes } from '../content/dag/unixfs.ts'
import type { WalkedEntry } from '../content/tree/walk.ts'

export const tarMediaType = 'application/x-tar'

const blockBytes = 512

const forms = {
  file: { type: 'File', mode: 0o644 },
  directory: { type: 'Directory', mode: 0o755 },
  symlink: { type: 'SymbolicLink', mode: 0o777 },
} as const

/** Nothing of this machine is in it: the same entries of the same time give the same bytes. */
export async function* packTar(
  reader: BlockReader,
  entries: AsyncIterable<WalkedEntry>,
  mtime: Date,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    yield encodeHeader(entry, mtime)
    if (entry.type !== 'file') continue
    yield* readBytes(reader, entry.cid, undefined, signal)
    yield Buffer.alloc(-entry.size & (blockBytes - 1))
  }
  yield Buffer.alloc(2 * blockBytes)
}

function encodeHeader({ path, type, size, target }: WalkedEntry, mtime: Date): Buffer {
  const header = new Header({ path, size, linkpath: target, mtime, uid: 0, gid: 0, ...forms[type] })
  const block = Buffer.alloc(blockBytes)
  const needsPax = header.encode(block)
  // What the old form has no room or no letters for comes before it in the newer one (POSIX.1-2001, pax).
  return needsPax ? Buffer.concat([new Pax({ path, size, linkpath: target }).encode(), block]) : block
}
