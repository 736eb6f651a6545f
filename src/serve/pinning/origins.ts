// From the origins of a request to blocks: HTTP addresses on this machine are asked as trustless gateways, nothing
// else is contacted.

import type { CID } from 'multiformats/cid'
import { WasmateError, toWasmateError } from '../../base/errors.ts'
import type { Block, BlockReader } from '../../content/dag/codecs.ts'
import { walkDag } from '../../content/dag/walk.ts'
import { parseProvider } from '../../content/retrieval/providers.ts'
import { isLoopbackUrl } from '../../content/retrieval/reach.ts'
import { RetrievalSession } from '../../content/retrieval/session.ts'

/** Gives the blocks of a whole DAG, each at least once; throws when that can't be. */
export type FetchDag = (cid: CID, origins: string[], signal: AbortSignal) => AsyncIterable<Block>

export interface OriginOptions {
  /** What it has of a DAG is not fetched. */
  node: BlockReader
  /** Of all blocks together. */
  maxBytes: number
  /** How long an origin may stay silent before it is given up. */
  silenceMs: number
}

/** Throws GATEWAYS_FAILED with what each origin did, or CONTENT_TOO_LARGE. */
export function fetchFromOrigins({ node, ...limits }: OriginOptions): FetchDag {
  return async function* (cid, origins, signal) {
    const { gateways, refused } = sortOrigins(origins)
    if (gateways.length === 0) {
      const reason = refused.join('; ') || 'the request names no origins'
      throw new WasmateError('GATEWAYS_FAILED', `${cid.toString()} is not whole in this node (${reason})`)
    }
    const ask = { root: cid, segments: [], scope: 'all' as const }
    const session = new RetrievalSession({ ...limits, ask, store: node, gateways, routers: [], signal })
    try {
      yield* walkDag(session, cid, { signal })
    } finally {
      await session.close()
    }
  }
}

/** An origin is a hint: one that can't be used is no reason to refuse the request, but worth telling. */
function sortOrigins(origins: string[]): { gateways: string[]; refused: string[] } {
  const gateways = new Set<string>()
  const refused: string[] = []
  for (const origin of origins) {
    try {
      const url = parseProvider(origin)
      if (isLoopbackUrl(url)) gateways.add(url)
      else refused.push(`${url} is not on this machine`)
    } catch (error) {
      const { detail, message } = toWasmateError(error)
      refused.push(detail ?? message)
    }
  }
  return { gateways: [...gateways], refused }
}
