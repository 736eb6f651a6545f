// Response headers of Lassie's HTTP specification, section "Response Headers".

import { createHash } from 'node:crypto'
import { disposition } from '../disposition.ts'
import type { Retrieval } from './request.ts'

export function carHeaders(retrieval: Retrieval, traceId: string): Record<string, string> {
  const { root, segments, selection, filename } = retrieval
  return {
    'Accept-Ranges': 'none',
    'Cache-Control': 'public, max-age=29030400, immutable',
    'Content-Disposition': disposition(filename),
    'Content-Type': `application/vnd.ipld.car;version=1;order=dfs;dups=${selection.dups}`,
    Etag: etag(retrieval),
    // Whether blocks are repeated is chosen by Accept.
    Vary: 'Accept',
    'X-Content-Type-Options': 'nosniff',
    'X-Ipfs-Path': ['/ipfs', root.toString(), ...segments.map(encodeURIComponent)].join('/'),
    'X-Trace-Id': traceId,
  }
}

/** Section "Etag": the CID, and a hash of all that makes the answer what it is. */
function etag({ root, segments, selection }: Retrieval): string {
  const form = JSON.stringify([segments, selection.scope, selection.entityBytes, selection.dups])
  return `"${root.toString()}.car.${createHash('sha256').update(form).digest('hex').slice(0, 13)}"`
}
