// block/get, put, stat, rm: single blocks as they are.

import { WasmateError } from '../../base/errors.ts'
import { type Block, codecOf, makeBlock, maxBlockBytes, parseCid } from '../../content/dag/codecs.ts'
import type { ContentNode } from '../../content/node.ts'
import { type Answer, type Call, type Endpoints, type Query, onlyPath, resolveCid } from './endpoint.ts'
import { readWhole } from './multipart.ts'

export const blockEndpoints: Endpoints = {
  'block/get': async ({ node, query }) => {
    const bytes = await node.get(await resolveCid(node, onlyPath(query)))
    return { bytes: [bytes], length: bytes.length }
  },
  'block/stat': async ({ node, query }) => {
    const cid = await resolveCid(node, onlyPath(query))
    return { json: { Key: cid.toString(), Size: (await node.get(cid)).length } }
  },
  'block/put': putBlocks,
  'block/rm': removeBlocks,
}

/** Larger ones don't pass between Kubo nodes (bitswap's limit). */
const exchangeableBytes = 2 * 1024 * 1024

async function putBlocks(call: Call): Promise<Answer> {
  return { lines: putEach(call) }
}

async function* putEach({ node, query, parts }: Call): AsyncGenerator<unknown> {
  const pinMode = query.flag('pin', false) ? 'recursive' : undefined
  const most = maxPartBytes(query)
  for await (const { content } of parts()) {
    const block = nameBlock(await readWhole(content, most), query)
    await node.putBlock(block, pinMode)
    yield { Key: block.cid.toString(), Size: block.bytes.length }
  }
}

export function maxPartBytes(query: Query): number {
  return query.flag('allow-big-block', false) ? maxBlockBytes : exchangeableBytes
}

/** `format` is the older name of `cid-codec`, where v0 meant dag-pb under a CIDv0. */
function nameBlock(bytes: Uint8Array, query: Query): Block {
  const length = query.text('mhlen') ?? '-1'
  if (length !== '-1') throw new WasmateError('INPUT_INVALID', `mhlen ${length} is not supported`)
  const format = query.text('cid-codec') ?? query.text('format') ?? 'raw'
  const hash = query.text('mhtype') ?? 'sha2-256'
  if (format === 'v0') return makeBlock(bytes, codecOf('dag-pb'), 0, hash)
  return makeBlock(bytes, codecOf(format), 1, hash)
}

async function removeBlocks({ node, query, signal }: Call): Promise<Answer> {
  const force = query.flag('force', false)
  return { lines: removeEach(node, query.paths(), force, signal) }
}

async function* removeEach(
  node: ContentNode,
  paths: string[],
  force: boolean,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  for (const path of paths) {
    const cid = parseCid(path)
    const Hash = cid.toString()
    if (!(await node.blocks.has(cid))) {
      if (!force) yield { Hash, Error: `ipld: could not find ${Hash}` }
      continue
    }
    const removed = await node.collect({ only: [cid], signal })
    yield removed.length > 0 ? { Hash } : { Hash, Error: 'pinned: recursive' }
  }
}
