// Mark and sweep over the block folder.

import type { CID } from 'multiformats/cid'
import type { BlockFolder } from './blocks.ts'
import { keyOf, linksOf, mayLink } from './dag/codecs.ts'
import type { Holds } from './holds.ts'
import type { PinnedRoot } from './pins.ts'

export interface Collection {
  blocks: BlockFolder
  /** As they are now: what is pinned later is held meanwhile. */
  pins: PinnedRoot[]
  holds: Holds
  /** Look at these blocks alone. */
  only?: CID[]
  signal?: AbortSignal
}

/**
 * Removes every block that no pin reaches and nobody holds. Throws, and removes nothing, when the DAG of a pin
 * can't be read to its end: what is reachable is not known then.
 */
export async function collectGarbage({ blocks, pins, holds, only, signal }: Collection): Promise<CID[]> {
  const collection = holds.collect()
  try {
    const marked = await mark(blocks, pins, signal)
    const removed: CID[] = []
    for await (const { cid } of only ? only.map((cid) => ({ cid })) : blocks.list()) {
      signal?.throwIfAborted()
      const key = keyOf(cid)
      if (marked.has(key)) continue
      // Asked once more in the block's turn: an add may have come upon it since.
      if (await blocks.delete(cid, () => collection.kept.has(key))) removed.push(cid)
    }
    return removed
  } finally {
    collection.end()
  }
}

async function mark(blocks: BlockFolder, pins: PinnedRoot[], signal?: AbortSignal): Promise<Set<string>> {
  const marked = new Set<string>()
  const walked = new Set<string>()
  const stack: CID[] = []
  for (const { cid, mode } of pins) {
    if (mode === 'direct') marked.add(keyOf(cid))
    else stack.push(cid)
  }
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    signal?.throwIfAborted()
    marked.add(keyOf(cid))
    if (!mayLink(cid) || walked.has(cid.toString())) continue
    walked.add(cid.toString())
    stack.push(...linksOf({ cid, bytes: await blocks.get(cid) }))
  }
  return marked
}
