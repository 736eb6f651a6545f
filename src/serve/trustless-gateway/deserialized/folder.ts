// A directory: its index.html, or a list of what is in it.
// Section names are those of https://specs.ipfs.tech/http-gateways/path-gateway/

import { WasmateError } from '../../../base/errors.ts'
import { type DirectoryEntry, listDirectory, readNode } from '../../../content/dag/unixfs.ts'
import { type ResolvedPath, resolvePath } from '../../../content/dag/walk.ts'
import { sendStream } from '../../stream.ts'
import { commonHeaders } from '../headers.ts'
import { type Exchange, isFresh } from '../respond.ts'
import { sendFile } from './file.ts'
import { ownPageHeaders } from './guard.ts'
import { renderListing } from './listing.ts'
import { pageVersion } from './page.ts'
import { sendRedirect } from './redirect.ts'

export async function sendFolder(exchange: Exchange): Promise<void> {
  const { node, asked, path } = exchange
  if (!asked.path.endsWith('/')) return sendRedirect(exchange)
  const index = await findIndex(exchange)
  if (!index) return sendListing(exchange)
  const entry = readNode({ cid: index.cid, bytes: await node.get(index.cid) })
  if (entry.type !== 'file' && entry.type !== 'raw') return sendListing(exchange)
  // Section "Response Payload": it goes before a listing. Section "Etag": of what was asked for.
  const etag = `"${path.cid.toString()}"`
  await sendFile(exchange, {
    cid: index.cid,
    size: entry.size,
    name: asked.filename ?? 'index.html',
    etag,
  })
}

async function findIndex({ node, path }: Exchange): Promise<ResolvedPath | undefined> {
  try {
    return await resolvePath(node, path.cid, ['index.html'])
  } catch (error) {
    if (error instanceof WasmateError && error.code === 'CONTENT_NOT_FOUND') return undefined
    throw error
  }
}

/** Section "Generated HTML with directory index": no child is read for it, however many there are. */
async function sendListing(exchange: Exchange): Promise<void> {
  const { node, request, reply, asked, path, log } = exchange
  const headers = {
    ...commonHeaders(asked, path),
    ...ownPageHeaders,
    // Section "Etag": a page that is made here may look otherwise tomorrow.
    'Cache-Control': 'public, max-age=604800, stale-while-revalidate=2678400',
    Etag: `"DirIndex-${pageVersion}_CID-${path.cid.toString()}"`,
  }
  if (isFresh(exchange, headers)) return
  if (request.method === 'HEAD') return reply.headers(headers).send()
  const entries = listDirectory(node, path.cid)
  // The first entry is read before the first word is sent: a directory that is not here is still a 404.
  const first = await entries.next()
  const all = join(first, entries)
  await sendStream(reply, { chunks: renderListing(asked, path.cid, all), headers }, log)
}

async function* join(
  first: IteratorResult<DirectoryEntry, void>,
  rest: AsyncGenerator<DirectoryEntry>,
): AsyncGenerator<DirectoryEntry> {
  if (first.done) return
  yield first.value
  yield* rest
}
