// Walks over sessions for tests: what comes, in which order, and from whom.

import type { TestContext } from 'node:test'
import { importer } from 'ipfs-unixfs-importer'
import type { CID } from 'multiformats/cid'
import { parseCid } from '../../../src/content/dag/codecs.ts'
import { type Selection, selectBlocks } from '../../../src/content/dag/select.ts'
import { resolvePath } from '../../../src/content/dag/walk.ts'
import type { ContentNode } from '../../../src/content/node.ts'
import { RetrievalSession, type SessionOptions } from '../../../src/content/retrieval/session.ts'
import type { SessionEvent } from '../../../src/content/retrieval/session-event.ts'
import { type RetrieveOptions, retrieveFile } from '../../../src/content/retrieval/retrieve.ts'
import { collectAll, madeBytes } from '../../helpers/content.ts'

export const mebibyte = 1024 * 1024

/** Far above all that the tests fetch. */
export const limits = { maxBytes: 64 * mebibyte }

export function fetchFrom(
  cid: string,
  gateways: string[],
  more: Partial<RetrieveOptions> = {},
): Promise<Uint8Array> {
  return retrieveFile(cid, { ...limits, ...more, gateways })
}

export interface Fetched {
  cids: string[]
  events: SessionEvent[]
}

/** Walks what is asked for, in memory only. */
export async function fetchAll(
  t: TestContext,
  cid: string,
  gateways: string[],
  more: Partial<SessionOptions> & { segments?: string[]; selection?: Partial<Selection> } = {},
): Promise<Fetched> {
  const { segments = [], selection: chosen, ...options } = more
  const selection: Selection = { scope: 'all', dups: 'n', ...chosen }
  const root = parseCid(cid)
  const events: SessionEvent[] = []
  const session = new RetrievalSession({
    ask: { root, segments, ...selection },
    gateways,
    routers: [],
    ...limits,
    onEvent: (event) => events.push(event),
    ...options,
  })
  t.after(() => session.close())
  const path = await resolvePath(session, root, segments)
  const blocks = await collectAll(selectBlocks(session, path, selection))
  await session.close()
  return { cids: blocks.map((block) => block.cid.toString()), events }
}

export async function expected(
  node: ContentNode,
  cid: string,
  segments: string[] = [],
  chosen: Partial<Selection> = {},
): Promise<string[]> {
  const path = await resolvePath(node, parseCid(cid), segments)
  const blocks = await collectAll(selectBlocks(node, path, { scope: 'all', dups: 'n', ...chosen }))
  return blocks.map((block) => block.cid.toString())
}

/** A large file, a file behind a name that has to be escaped, and a directory in shards. */
export async function addTree(node: ContentNode): Promise<string> {
  const names = Array.from({ length: 60 }, (_, index) => `d/many/file-${index}.txt`)
  const entries = [
    { path: 'd/big', content: madeBytes(3 * mebibyte + 5) },
    { path: 'd/sub/ünï & code?.txt', content: madeBytes(2_500_000, 'other') },
    ...names.map((path) => ({ path, content: Buffer.from('the same') })),
  ]
  return importInto(node, entries)
}

export async function importInto(
  node: ContentNode,
  entries: { path: string; content: Uint8Array }[],
): Promise<string> {
  const put = async (cid: CID, bytes: Uint8Array): Promise<CID> => {
    await node.putBlock({ cid, bytes })
    return cid
  }
  let root = ''
  // More entries than this make a directory of shards.
  for await (const { cid } of importer(entries, { put }, { shardSplitThresholdBytes: 1_000 })) {
    root = cid.toString()
  }
  return root
}

export function served(events: SessionEvent[], gateway: string): string[] {
  return events.flatMap((event) =>
    event.kind === 'block' && event.gateway === gateway ? [event.cid.toString()] : [],
  )
}
