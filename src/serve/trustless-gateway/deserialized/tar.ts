// A UnixFS tree as a TAR that is made while it is sent (IPIP-288).

import { Header, Pax } from 'tar'
import { walkFile } from '../../../content/dag/unixfs.ts'
import { disposition } from '../../disposition.ts'
import { sendStream } from '../../stream.ts'
import { mediaTypes } from '../format.ts'
import { commonHeaders } from '../headers.ts'
import { type Exchange, isFresh } from '../respond.ts'
import { guardHeaders } from './guard.ts'
import { type TreeEntry, walkTree } from './tree.ts'

const blockBytes = 512

const types = { file: 'File', directory: 'Directory', symlink: 'SymbolicLink' } as const

export async function sendTar(exchange: Exchange): Promise<void> {
  const { node, request, reply, asked, path, log, signal } = exchange
  const name = path.cid.toString()
  const headers = {
    ...commonHeaders(asked, path),
    ...guardHeaders,
    'Accept-Ranges': 'none',
    'Content-Disposition': disposition(asked.filename ?? `${name}.tar`),
    'Content-Type': mediaTypes.tar,
    Etag: `W/"${name}.x-tar"`,
  }
  if (isFresh(exchange, headers)) return
  // Gone through before anything is sent: a name that leads out of the tree is told with a status.
  for await (const entry of walkTree(node, path.cid, signal)) void entry
  if (request.method === 'HEAD') return reply.headers(headers).send()
  await sendStream(reply, { chunks: packTree(exchange), headers }, log)
}

async function* packTree({ node, path, signal }: Exchange): AsyncGenerator<Uint8Array> {
  for await (const entry of walkTree(node, path.cid, signal)) {
    yield encodeHeader(entry)
    if (entry.type !== 'file') continue
    for await (const { data } of walkFile(node, entry.cid, undefined, signal)) if (data.length > 0) yield data
    yield Buffer.alloc(-entry.size & (blockBytes - 1))
  }
  yield Buffer.alloc(2 * blockBytes)
}

/** The same tree gives the same bytes: nothing of this machine or of today is in them. */
function encodeHeader({ path, type, size, target }: TreeEntry): Buffer {
  const fields = {
    ...{ path, size, linkpath: target, type: types[type], mtime: new Date(0), uid: 0, gid: 0 },
    mode: type === 'file' ? 0o644 : 0o755,
  }
  const header = new Header(fields)
  const block = Buffer.alloc(blockBytes)
  const needsPax = header.encode(block)
  // What the old form has no room or no letters for comes before it in the newer one (POSIX.1-2001, pax).
  return needsPax ? Buffer.concat([new Pax({ path, size, linkpath: target }).encode(), block]) : block
}
