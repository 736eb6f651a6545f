// What people write for a place in IPFS, to its CID and the names below it.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { parseCid } from '../dag/codecs.ts'

export interface ContentAddress {
  cid: CID
  /** Names from the CID downwards. */
  segments: string[]
}

/** A scheme or a host's name is of no account: the CID alone says which bytes are meant. */
const forms = [
  { pattern: /^ipfs:(?:\/\/(?:ipfs\/(?=[^/]))?|\/)?([^/].*)$/i, isUri: true },
  { pattern: /^https?:\/\/([^./]+)\.ipfs\.[^/]+(\/.*)?$/i, isUri: true },
  { pattern: /^https?:\/\/[^/]+\/ipfs\/(.+)$/i, isUri: true },
  { pattern: /^\/ipfs\/(.+)$/, isUri: false },
]

/**
 * Takes a CID, CID/path, /ipfs/CID/path, ipfs://CID/path and URLs of gateways, which are not contacted.
 * Throws CID_INVALID, or INPUT_INVALID for a path that no name can have.
 */
export function parseAddress(text: string): ContentAddress {
  const [cid = '', ...segments] = splitAddress(text.trim())
  return makeAddress(cid, segments)
}

/** Throws as `parseAddress` does. */
export function makeAddress(cid: string, segments: string[]): ContentAddress {
  const impossible = segments.find((name) => name === '.' || name === '..')
  if (impossible) throw new WasmateError('INPUT_INVALID', `${cid} has nothing named "${impossible}" in it`)
  return { cid: parseCid(cid), segments }
}

function splitAddress(text: string): string[] {
  for (const { pattern, isUri } of forms) {
    const match = pattern.exec(text)
    if (!match) continue
    const path = match.slice(1).join('')
    return splitPath(isUri ? path.replace(/[?#].*$/s, '') : path).map(isUri ? decode : String)
  }
  return splitPath(text)
}

function splitPath(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

function decode(segment: string): string {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch (error) {
    throw new WasmateError('INPUT_INVALID', `"${segment}" is not percent-encoded UTF-8`, { cause: error })
  }
  if (name.includes('/')) throw new WasmateError('INPUT_INVALID', `a name can't hold a slash: "${segment}"`)
  return name
}
