// What a request asks for: content path, format and parameters, from the URL and from Accept.

import type { CID } from 'multiformats/cid'
import { parseCid } from '../../content/dag/codecs.ts'
import { decodePath } from '../content-url.ts'
import { type CarFormat, type Params, overrulesAccept, readCarFormat } from './car-format.ts'
import { type FormatName, chooseFormat } from './format.ts'

export type Format = CarFormat | { format: Exclude<FormatName, 'car'> | 'web' }

const maxNameLength = 255

export interface ContentRequest {
  root: CID
  segments: string[]
  /** The path again, each segment encoded; the slash at its end is kept. */
  path: string
  /** With its question mark, or empty. */
  search: string
  format: Format
  filename?: string
  /** Whether a browser is told to keep it, not to show it. */
  download: boolean
  /** Whether Accept names text/html, as that of a browser does. */
  html: boolean
  /** URL of just this representation, when the request itself does not name it. */
  location?: string
}

/** Throws CID_INVALID or INPUT_INVALID (400), or FORMAT_UNSUPPORTED (406). */
export function readRequest(url: string, accept: string | undefined, deserialized: boolean): ContentRequest {
  const { pathname, search, searchParams } = new URL(url, 'http://gateway')
  // RFC 3986 section 2.2: an encoded slash is part of a name.
  const [root = '', ...segments] = decodePath(pathname).slice(1)
  // Of a parameter that is there twice, the first counts, as in Kubo.
  const query: Params = Object.fromEntries([...searchParams].reverse())
  const cid = parseCid(root)
  const { name, params } = chooseFormat(query['format'], accept, deserialized)
  const format: Format = name === 'car' ? readCarFormat(query, params) : { format: name }
  // Path gateway, section "Content-Location (response header)"; trustless gateway, "car-version" and the next two.
  const isNamed = name === 'web' || (query['format'] === name && !overrulesAccept(query, params))
  const path = ['/ipfs', ...[root, ...segments].map(encodeURIComponent)].join('/')
  return {
    root: cid,
    segments,
    path: pathname.endsWith('/') ? `${path}/` : path,
    search,
    format,
    filename: readFilename(query['filename']),
    download: query['download'] === 'true',
    html: accept?.includes('text/html') ?? false,
    location: isNamed ? undefined : locate(pathname, searchParams, format),
  }
}

/** Longer ones than a file system takes would make headers that clients refuse. */
function readFilename(text = ''): string | undefined {
  const name = [...text].slice(0, maxNameLength).join('')
  return name === '' ? undefined : name
}

function locate(pathname: string, given: URLSearchParams, format: Format): string {
  const query = new URLSearchParams(given)
  query.set('format', format.format)
  if (format.format === 'car') {
    query.set('car-version', '1')
    query.set('car-order', format.order)
    query.set('car-dups', format.dups)
  }
  return `${pathname}?${query}`
}
