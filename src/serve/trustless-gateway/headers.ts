// Response headers of https://specs.ipfs.tech/http-gateways/path-gateway/#response-headers

import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { ContentRequest } from './request.ts'

export type Headers = Record<string, string>

/** Section "Access-Control-Allow-Origin": what is addressed by its hash may be read by any page that may ask. */
export const corsHeaders: Headers = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Range, User-Agent, X-Requested-With',
  'Access-Control-Expose-Headers': 'Content-Length, Content-Range, X-Ipfs-Path, X-Ipfs-Roots',
}

export function contentHeaders(request: ContentRequest, cid: CID, roots: CID[]): Headers {
  const { root, segments, format, filename, location } = request
  const extension = format.format === 'car' ? 'car' : 'bin'
  return {
    ...corsHeaders,
    // Section "Cache-Control": what is under /ipfs never changes.
    'Cache-Control': 'public, max-age=29030400, immutable',
    // Trustless gateway, section "Content-Disposition": never shown by a browser.
    'Content-Disposition': disposition(filename ?? `${cid.toString()}.${extension}`),
    ...(location === undefined ? {} : { 'Content-Location': location }),
    'Content-Type':
      format.format === 'car'
        ? `application/vnd.ipld.car; version=1; order=${format.order}; dups=${format.dups}`
        : 'application/vnd.ipld.raw',
    // A CAR is made while it is sent: ranges of it are asked for by entity-bytes.
    'Accept-Ranges': format.format === 'car' ? 'none' : 'bytes',
    Etag: etag(request, cid),
    Vary: 'Accept',
    'X-Content-Type-Options': 'nosniff',
    'X-Ipfs-Path': encodeURI(['/ipfs', root, ...segments].join('/')),
    'X-Ipfs-Roots': roots.join(','),
  }
}

/** Section "Etag": weak for a CAR, whose bytes may differ for the same blocks, and another for each of its forms. */
function etag({ root, segments, format }: ContentRequest, cid: CID): string {
  if (format.format === 'raw') return `"${cid.toString()}.raw"`
  const form = JSON.stringify([root.toString(), segments, format])
  return `W/"${format.scope}.${cid.toString()}.car.${createHash('sha256').update(form).digest('hex').slice(0, 16)}"`
}

/** RFC 9110 section 13.1.2: weak comparison. */
export function matchesEtag(ifNoneMatch: string | undefined, tag: string | undefined): boolean {
  if (ifNoneMatch === undefined || tag === undefined) return false
  const opaque = (text: string): string => text.trim().replace(/^W\//, '')
  return ifNoneMatch
    .split(',')
    .some((candidate) => candidate.trim() === '*' || opaque(candidate) === opaque(tag))
}

/** RFC 6266 section 4.3: plain for every client, extended for what is not ASCII. */
function disposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\/]/g, '_')
  const extended = plain === filename ? '' : `; filename*=UTF-8''${encodeURIComponent(filename)}`
  return `attachment; filename="${plain}"${extended}`
}
