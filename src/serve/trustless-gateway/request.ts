// What a request asks for: content path, format and CAR parameters, from the URL and from Accept.
// Section names are those of https://specs.ipfs.tech/http-gateways/trustless-gateway/

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import type { EntityBytes, Selection } from '../../content/dag/select.ts'
import { type MediaRange, parseAccept } from './accept.ts'

export interface CarFormat extends Selection {
  format: 'car'
  order: 'dfs' | 'unk'
}

export interface ContentRequest {
  root: CID
  segments: string[]
  format: { format: 'raw' } | CarFormat
  filename?: string
  /** URL of just this representation, when the request itself does not name it. */
  location?: string
}

type Params = Readonly<Record<string, string | undefined>>

/** Throws CID_INVALID or INPUT_INVALID (400), or FORMAT_UNSUPPORTED (406). */
export function readRequest(url: string, accept: string | undefined): ContentRequest {
  const { pathname, searchParams } = new URL(url, 'http://gateway')
  const [root = '', ...segments] = decodePath(pathname).slice(1)
  const query: Params = Object.fromEntries(searchParams)
  const range = chooseRange(query, accept)
  const format = range.type.endsWith('.car') ? readCar(query, range.params) : { format: 'raw' as const }
  // Section "Content-Location (response header)".
  const isNamed = query['format'] === format.format && !overrules(query, range.params)
  return {
    root: parseCid(root),
    segments,
    format,
    filename: query['filename'],
    location: isNamed ? undefined : locate(pathname, searchParams, format),
  }
}

function decodePath(pathname: string): string[] {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent)
  } catch (error) {
    throw new WasmateError('INPUT_INVALID', `path ${pathname}`, { cause: error })
  }
}

const mediaTypes: Record<string, string> = {
  raw: 'application/vnd.ipld.raw',
  car: 'application/vnd.ipld.car',
}

/** Section "format (request query parameter)": it goes before Accept, whose parameters still count for its type. */
function chooseRange({ format }: Params, accept: string | undefined): MediaRange {
  const ranges = parseAccept(accept ?? '')
  if (format !== undefined) {
    const type = Object.hasOwn(mediaTypes, format) ? mediaTypes[format] : undefined
    if (!type) throw new WasmateError('FORMAT_UNSUPPORTED', `format=${format}`)
    return ranges.find((range) => range.type === type) ?? { type, params: {} }
  }
  // Section "Accept (request header)": strict trustless mode answers 400 when it is missing.
  if (accept === undefined) {
    throw new WasmateError('INPUT_INVALID', 'neither Accept nor ?format=raw|car says what to send')
  }
  const range = ranges.find(
    ({ type, params }) => Object.values(mediaTypes).includes(type) && isServed(params),
  )
  if (!range) throw new WasmateError('FORMAT_UNSUPPORTED', `Accept: ${accept}`)
  return range
}

/** Section "CAR format signaling in Request": a preference that can't be met leaves the next one. */
function isServed({ version = '1', order = 'dfs', dups = 'n' }: Params): boolean {
  return version === '1' && ['dfs', 'unk'].includes(order) && ['y', 'n'].includes(dups)
}

/** Sections "car-version", "car-order" and "car-dups": the URL takes precedence over Accept. */
function readCar(query: Params, accepted: Params): CarFormat {
  const version = query['car-version'] ?? accepted['version'] ?? '1'
  const order = query['car-order'] ?? accepted['order'] ?? 'dfs'
  // Section "CAR dups": without a wish it is n, when the gateway can choose.
  const dups = query['car-dups'] ?? accepted['dups'] ?? 'n'
  if (version !== '1') throw invalid('car-version', version)
  if (order !== 'dfs' && order !== 'unk') throw invalid('car-order', order)
  if (dups !== 'y' && dups !== 'n') throw invalid('car-dups', dups)
  const entityBytes = readEntityBytes(query['entity-bytes'])
  // Section "entity-bytes": it implies dag-scope=entity.
  const scope = query['dag-scope'] ?? (entityBytes ? 'entity' : 'all')
  if (scope !== 'block' && scope !== 'entity' && scope !== 'all') throw invalid('dag-scope', scope)
  return { format: 'car', order, dups, scope, entityBytes }
}

function readEntityBytes(text: string | undefined): EntityBytes | undefined {
  if (text === undefined) return undefined
  const [, from, to] = /^(-?\d{1,15}):(\*|-?\d{1,15})$/.exec(text) ?? []
  if (from === undefined || to === undefined) throw invalid('entity-bytes', text)
  return to === '*' ? { from: Number(from) } : { from: Number(from), to: Number(to) }
}

function invalid(name: string, value: string): WasmateError {
  return new WasmateError('INPUT_INVALID', `${name}=${value}`)
}

function overrules(query: Params, accepted: Params): boolean {
  return ['version', 'order', 'dups'].some((name) => {
    const given = query[`car-${name}`]
    return given !== undefined && accepted[name] !== undefined && accepted[name] !== given
  })
}

function locate(pathname: string, given: URLSearchParams, format: ContentRequest['format']): string {
  const query = new URLSearchParams(given)
  query.set('format', format.format)
  if (format.format === 'car') {
    query.set('car-version', '1')
    query.set('car-order', format.order)
    query.set('car-dups', format.dups)
  }
  return `${pathname}?${query}`
}
