// A UnixFS tree as a TAR that is made while it is sent (IPIP-288).

import { walkTree } from '../../../content/tree/walk.ts'
import { disposition } from '../../disposition.ts'
import { sendStream } from '../../stream.ts'
import { packTar } from '../../tar.ts'
import { mediaTypes } from '../format.ts'
import { commonHeaders } from '../headers.ts'
import { type Exchange, isFresh } from '../respond.ts'
import { guardHeaders } from './guard.ts'

const maxEntries = 20_000

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
  const walk = (): ReturnType<typeof walkTree> => walkTree(node, path.cid, { top: name, maxEntries, signal })
  for await (const entry of walk()) void entry
  if (request.method === 'HEAD') return reply.headers(headers).send()
  // The same tree gives the same bytes: nothing of today is in them.
  await sendStream(reply, { chunks: packTar(node, walk(), new Date(0), signal), headers }, log)
}
