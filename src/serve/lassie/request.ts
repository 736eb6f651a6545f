// What a request asks for: a path under a root, how much of it, and who may be asked for it.
// Section names are those of Lassie's HTTP specification; where its daemon (0.25) differs, docs/lassie.md says so.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { parseCid } from '../../content/dag/codecs.ts'
import type { EntityBytes, Selection } from '../../content/dag/select.ts'
import { parseAccept } from '../accept.ts'
import { decodePath, parseEntityBytes } from '../content-url.ts'

export interface Retrieval {
  root: CID
  segments: string[]
  selection: Selection
  /** Ends in `.car`. */
  filename: string
  /** Most blocks of the answer; absent is no limit. */
  blockLimit: number | undefined
  /** As they were given; absent is whoever the settings name. */
  providers: string[] | undefined
}

/** In the order in which the daemon checks. Throws CONTENT_NOT_FOUND, CID_INVALID, FORMAT_UNSUPPORTED, INPUT_INVALID. */
export function readRetrieval(url: string, accept: string | undefined): Retrieval {
  const { pathname, searchParams: query } = new URL(url, 'http://lassie')
  const [root, ...segments] = decodePath(pathname).slice(1)
  if (root === undefined) throw new WasmateError('CONTENT_NOT_FOUND', 'not found')
  const cid = parseCid(root)
  const dups = readFormat(query.get('format') ?? '', accept ?? '')
  const scope = readScope(query.get('dag-scope') ?? 'all')
  const entityBytes = readEntityBytes(query.get('entity-bytes') ?? '')
  requireHttp(query.get('protocols'))
  return {
    root: cid,
    segments,
    // The daemon heeds a range of bytes only together with dag-scope=entity.
    selection: { scope, dups, ...(scope === 'entity' && entityBytes ? { entityBytes } : {}) },
    providers: query.get('providers')?.split(','),
    filename: readFilename(query.get('filename') ?? `${cid.toString()}.car`),
    blockLimit: readBlockLimit(query.get('blockLimit') ?? ''),
  }
}

const carTypes = ['application/vnd.ipld.car', 'application/*', '*/*']

/**
 * Sections "Accept" and "format": only a CAR is to be had, and Accept goes first. Who names neither gets a CAR
 * too. Gives whether blocks are repeated, which is the one choice that is left.
 */
function readFormat(format: string, accept: string): Selection['dups'] {
  if (!['', 'car', 'raw'].includes(format)) throw invalid('format parameter; unsupported', format)
  if (format === 'raw') throw unsupported(accept)
  if (accept === '') return 'y'
  const ranges = parseAccept(accept).filter(({ type, params }) => isOffered(type) || isCar(type, params))
  if (ranges.length === 0) throw invalid('Accept header; unsupported', accept)
  const range = ranges.find(({ type }) => carTypes.includes(type))
  if (!range) throw unsupported(accept)
  // Sections "dups" and "order": repeated unless refused, depth first whatever is asked.
  return range.type === 'application/vnd.ipld.car' && range.params['dups'] === 'n' ? 'n' : 'y'
}

/** What the daemon knows beside a CAR, with whatever parameters. */
function isOffered(type: string): boolean {
  return type === 'application/vnd.ipld.raw' || type === 'application/*' || type === '*/*'
}

/** Sections "version", "dups" and "order": a value that is not known leaves the next preference. */
function isCar(type: string, params: Readonly<Record<string, string | undefined>>): boolean {
  const { version = '1', dups = 'y', order = 'dfs' } = params
  return (
    type === carTypes[0] && version === '1' && ['y', 'n'].includes(dups) && ['dfs', 'unk'].includes(order)
  )
}

function readScope(scope: string): Selection['scope'] {
  if (scope !== 'block' && scope !== 'entity' && scope !== 'all') throw refuse('invalid dag-scope parameter')
  return scope
}

function readEntityBytes(text: string): EntityBytes | undefined {
  if (text === '') return undefined
  const range = parseEntityBytes(text)
  if (!range) throw refuse('invalid entity-bytes parameter')
  return range
}

/** Section "protocols": one of several is enough. What Lassie speaks and this does not is refused by name. */
function requireHttp(protocols: string | null): void {
  if (protocols === null) return
  const names = protocols.split(',')
  const unknown = names.find((name) => !['bitswap', 'graphsync', 'http'].includes(name))
  if (unknown !== undefined) throw refuse(`unrecognized protocol: ${unknown}`)
  if (!names.includes('http')) throw refuse(`unsupported protocol: ${protocols}; only http is spoken here`)
}

/** Section "filename". */
function readFilename(filename: string): string {
  const [extension] = /\.[^./]*$/.exec(filename) ?? []
  if (extension === undefined) throw refuse('invalid filename parameter; missing extension')
  if (extension !== '.car') throw invalid('filename parameter; unsupported extension', extension)
  return filename
}

/** Section "blockLimit": 0 is none, and so is, in the daemon, what is no number. */
function readBlockLimit(text: string): number | undefined {
  return /^\d{1,20}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

function refuse(reason: string): WasmateError {
  return new WasmateError('INPUT_INVALID', reason)
}

function invalid(what: string, value: string): WasmateError {
  return refuse(`invalid ${what}: ${JSON.stringify(value)}`)
}

function unsupported(accept: string): WasmateError {
  const what = 'invalid Accept header or format parameter; unsupported'
  return new WasmateError('FORMAT_UNSUPPORTED', `${what} ${JSON.stringify(accept)}`)
}
