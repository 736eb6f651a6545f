// repo/gc, stat, version.

import type { Endpoints } from './endpoint.ts'
import { toLink } from './endpoint.ts'

export const repoEndpoints: Endpoints = {
  'repo/gc': async ({ node, signal }) => {
    const removed = await node.collect({ signal })
    return { lines: removed.map((cid) => ({ Key: toLink(cid) })) }
  },
  'repo/stat': async ({ node }) => {
    let count = 0
    let bytes = 0
    for await (const block of node.blocks.list()) {
      count += 1
      bytes += block.bytes
    }
    return {
      json: {
        NumObjects: count,
        RepoSize: bytes,
        RepoPath: node.folder,
        // Nothing but the disk limits it; Kubo's clients want a number.
        StorageMax: Number.MAX_SAFE_INTEGER,
        Version: repoVersion,
      },
    }
  },
  'repo/version': async () => ({ json: { Version: repoVersion } }),
}

/** Of this store, not of one that Kubo could open. */
const repoVersion = 'wasmate@1'
