// Content paths as Kubo takes them: a CID, CID/path, /ipfs/CID/path or ipfs://CID/path, cleaned before they are looked at.

import { posix } from 'node:path'
import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { parseCid } from '../../../content/dag/codecs.ts'

export interface ContentPath {
  root: CID
  segments: string[]
}

/** Throws INPUT_INVALID in Kubo's words; also for a name under /ipns, which nothing here can look up. */
export function parsePath(text: string): ContentPath {
  const path = fromUri(text)
  const [namespace = '', name = '', ...segments] = segmentsOf(path)
  if (path.startsWith('/') && name !== '') {
    if (namespace === 'ipns') throw new WasmateError('INPUT_INVALID', 'could not resolve name')
    const root = namespace === 'ipfs' || namespace === 'ipld' ? tryCid(name) : undefined
    if (root) return { root, segments }
  }
  // A CID needs no namespace before it.
  const [bare = '', ...rest] = segmentsOf(`/${path}`)
  const root = tryCid(bare)
  if (root) return { root, segments: rest }
  throw new WasmateError('INPUT_INVALID', `invalid path ${JSON.stringify(text)}: ${reasonOf(path)}`)
}

function fromUri(text: string): string {
  return text.replace(/^(ipfs|ipns):\/{0,2}/i, (_, scheme: string) => `/${scheme.toLowerCase()}/`)
}

/** `..` leads nowhere above the root. */
function segmentsOf(path: string): string[] {
  return posix.normalize(path).split('/').filter(Boolean)
}

function reasonOf(path: string): string {
  const [namespace = '', name = ''] = segmentsOf(path)
  if (!path.startsWith('/') || name === '') return 'path does not have enough components'
  if (namespace !== 'ipfs' && namespace !== 'ipld') return `unknown namespace: ${JSON.stringify(namespace)}`
  return 'invalid cid: it can not be read as one'
}

function tryCid(text: string): CID | undefined {
  try {
    return parseCid(text)
  } catch {
    // The caller says what is wrong with the whole path.
    return undefined
  }
}
