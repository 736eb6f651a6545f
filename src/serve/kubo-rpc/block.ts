// block/get, put, stat, rm: single blocks as they are.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { type Block, codecOf, makeBlock, maxBlockBytes } from '../../content/dag/codecs.ts'
import type { ContentNode } from '../../content/node.ts'
import { type Answer, type Call, type Endpoints, type Query, onlyPath, resolveCid } from './endpoint.ts'
import { type Part, readWhole } from './multipart.ts'
import { parsePath } from './request/paths.ts'

export const blockEndpoints: Endpoints = {
  'block/get': async ({ node, query }) => {
    const cid = await resolveCid(node, onlyPath(query))
    return { bytes: [await node.get(cid)], type: 'application/vnd.ipld.raw' }
  },
  'block/stat': async ({ node, query, show }) => {
    const cid = await resolveCid(node, onlyPath(query))
    return { json: { Key: show(cid), Size: (await node.get(cid)).length } }
  },
  'block/put': putBlocks,
  'block/rm': removeBlocks,
}

/** Larger ones don't pass between Kubo nodes (bitswap's limit). */
const exchangeableBytes = 2 * 1024 * 1024

async function putBlocks(call: Call): Promise<Answer> {
  return { lines: putEach(call) }
}

async function* putEach({ node, query, parts, show }: Call): AsyncGenerator<unknown> {
  const pinMode = query.flag('pin', false) ? 'recursive' : undefined
  for await (const { content } of parts()) {
    const block = nameBlock(await readBlockPart(content, query), query)
    await node.putBlock(block, pinMode)
    yield { Key: show(block.cid), Size: block.bytes.length }
  }
}

/** A part that is to become one block; throws INPUT_INVALID in Kubo's words when it is too large for that. */
export async function readBlockPart(content: Part['content'], query: Query): Promise<Uint8Array> {
  if (query.flag('allow-big-block', false)) return readWhole(content, maxBlockBytes)
  try {
    return await readWhole(content, exchangeableBytes)
  } catch (error) {
    if (!(error instanceof WasmateError) || error.code !== 'BODY_TOO_LARGE') throw error
    const words = "produced block is over 2MiB: big blocks can't be exchanged with other peers"
    throw new WasmateError('INPUT_INVALID', `${words}, pass --allow-big-block to override`, { cause: error })
  }
}

/** `format` is the older name of `cid-codec`, and counts before it; there v0 meant dag-pb under a CIDv0. */
function nameBlock(bytes: Uint8Array, query: Query): Block {
  const length = query.text('mhlen') ?? '-1'
  if (length !== '-1') throw new WasmateError('INPUT_INVALID', `mhlen ${length} is not supported`)
  const format = query.text('format') ?? query.text('cid-codec') ?? 'raw'
  const hash = query.text('mhtype') ?? 'sha2-256'
  if (format === 'v0') return makeBlock(bytes, codecOf('dag-pb'), 0, hash)
  return makeBlock(bytes, codecOf(format), 1, hash)
}

async function removeBlocks(call: Call): Promise<Answer> {
  // Every one is looked at before the first goes.
  const roots = call.query.paths().map((path) => parsePath(path).root)
  return { lines: removeEach(call, roots) }
}

async function* removeEach({ node, query, show, signal }: Call, roots: CID[]): AsyncGenerator<unknown> {
  const isQuiet = query.flag('quiet', false)
  for (const cid of roots) {
    const Error = await removeBlock(node, cid, query.flag('force', false), signal)
    if (Error !== undefined) yield { Hash: show(cid), Error }
    else if (!isQuiet) yield { Hash: show(cid) }
  }
}

/** Gives why it could not be removed. */
async function removeBlock(
  node: ContentNode,
  cid: CID,
  force: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!(await node.blocks.has(cid))) return force ? undefined : `ipld: could not find ${cid.toString()}`
  const removed = await node.collect({ only: [cid], signal })
  return removed.length > 0 ? undefined : 'pinned: recursive'
}
