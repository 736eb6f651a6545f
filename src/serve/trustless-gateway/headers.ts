// Response headers of https://specs.ipfs.tech/http-gateways/path-gateway/#response-headers

import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { ResolvedPath } from '../../content/dag/walk.ts'
import { disposition } from '../disposition.ts'
import type { CarFormat } from './car-format.ts'
import { mediaTypes } from './format.ts'
import type { ContentRequest } from './request.ts'

export type Headers = Record<string, string>

/** What is addressed by its hash may be read by any page that may ask; see the check of Origin for who may. */
export const corsHeaders: Headers = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Range, User-Agent, X-Requested-With',
  'Access-Control-Expose-Headers':
    'Content-Length, Content-Range, X-Chunked-Output, X-Ipfs-Path, X-Ipfs-Roots, X-Stream-Output',
}

const maxHeaderLength = 4096

/** Of every answer that has content. */
export function commonHeaders({ path, location }: ContentRequest, { roots }: ResolvedPath): Headers {
  return {
    ...corsHeaders,
    // Section "Cache-Control": what is under /ipfs never changes.
    'Cache-Control': 'public, max-age=29030400, immutable',
    ...short('Content-Location', location),
    Vary: 'Accept',
    // Section "X-Content-Type-Options"; here for files too, since anybody may have made them.
    'X-Content-Type-Options': 'nosniff',
    ...short('X-Ipfs-Path', path),
    ...short('X-Ipfs-Roots', roots.join(',')),
  }
}

/** Clients end a connection over headers of some 16 KiB, and none of these has to be there. */
function short(name: string, value: string | undefined): Headers {
  return value === undefined || value.length > maxHeaderLength ? {} : { [name]: value }
}

/** Sections "Content-Disposition" and "Etag": never shown by a browser, another tag than the file has. */
export function blockHeaders({ filename }: ContentRequest, cid: CID): Headers {
  return {
    'Content-Disposition': disposition(filename ?? `${cid.toString()}.bin`),
    'Content-Type': mediaTypes.raw,
    Etag: `"${cid.toString()}.raw"`,
  }
}

export function carHeaders(request: ContentRequest, format: CarFormat, cid: CID): Headers {
  return {
    'Content-Disposition': disposition(request.filename ?? `${cid.toString()}.car`),
    // Trustless gateway, section "CAR format signaling in Response".
    'Content-Type': `${mediaTypes.car}; version=1; order=${format.order}; dups=${format.dups}`,
    // Section "Accept-Ranges": a CAR is made while it is sent, ranges of it are asked for by entity-bytes.
    'Accept-Ranges': 'none',
    Etag: carEtag(request, format, cid),
  }
}

/** Section "Etag": weak for a CAR, whose bytes may differ for the same blocks, and another for each of its forms. */
function carEtag({ root, segments }: ContentRequest, format: CarFormat, cid: CID): string {
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
