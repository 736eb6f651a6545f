// Mark and sweep over the block folder.

import type { CID } from 'multiformats/cid'
import type { BlockFolder } from './blocks.ts'
import { keyOf, linksOf, mayLink } from './dag/codecs.ts'
import { readIfHere } from './dag/walk.ts'
import type { Holds } from './holds.ts'
import type { PinnedRoot } from './pins.ts'

export interface Collection {
  blocks: BlockFolder
  /** As they are now: what is pinned later is held meanwhile. */
  pins: PinnedRoot[]
  /** What is here of their DAGs stays as well; the rest of them may be missing. */
  kept?: CID[]
  holds: Holds
  /** Look at these blocks alone. */
  only?: CID[]
  signal?: AbortSignal
}

/** Roots beside the pins; what is here of their DAGs stays. */
export interface KeptRoots {
  /** A collection waits for it, and does not begin when it is rejected: what is to stay is not known then. */
  known: Promise<unknown>
  roots(): CID[]
}

/**
 * Removes every block that no pin reaches and nobody holds. Throws, and removes nothing, when the DAG of a pin
 * can't be read to its end: what is reachable is not known then.
 */
export async function collectGarbage({
  blocks,
  pins,
  kept = [],
  holds,
  only,
  signal,
}: Collection): Promise<CID[]> {
  const collection = holds.collect()
  try {
    const marked = await mark(blocks, pins, kept, signal)
    const removed: CID[] = []
    for await (const cids of only ? [only] : blocks.listBatches()) {
      signal?.throwIfAborted()
      const unmarked = cids.filter((cid) => !marked.has(keyOf(cid)))
      // Asked once more in each block's turn: an add may have come upon it since.
      const gone = await blocks.deleteAll(unmarked, (cid) => collection.kept.has(keyOf(cid)))
      for (const cid of gone) removed.push(cid)
    }
    return removed
  } finally {
    collection.end()
  }
}

async function mark(
  blocks: BlockFolder,
  pins: PinnedRoot[],
  kept: CID[],
  signal?: AbortSignal,
): Promise<Set<string>> {
  const marking = { marked: new Set<string>(), walked: new Set<string>(), signal }
  for (const { cid, mode } of pins) {
    if (mode === 'direct') marking.marked.add(keyOf(cid))
    else await markDag(cid, (below) => blocks.get(below), marking)
  }
  for (const cid of kept) await markDag(cid, (below) => readIfHere(blocks, below), marking)
  return marking.marked
}

interface Marking {
  /** Stored blocks that stay. */
  marked: Set<string>
  /** Nodes whose links are followed. */
  walked: Set<string>
  signal?: AbortSignal
}

async function markDag(
  root: CID,
  read: (cid: CID) => Promise<Uint8Array | undefined>,
  { marked, walked, signal }: Marking,
): Promise<void> {
  const stack = [root]
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    signal?.throwIfAborted()
    marked.add(keyOf(cid))
    if (!mayLink(cid) || walked.has(cid.toString())) continue
    walked.add(cid.toString())
    const bytes = await read(cid)
    // No spread: a block may have more links than a call takes arguments.
    if (bytes) for (const link of linksOf({ cid, bytes })) stack.push(link)
  }
}
