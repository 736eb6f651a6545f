// dag/import, export, get, put, resolve, stat: DAGs of any codec that is known.

import type { CID } from 'multiformats/cid'
import { describe } from '../../base/errors.ts'
import { carMediaType, encodeCar } from '../../content/car.ts'
import { codecOf, decodeBlock, isIdentity, makeBlock } from '../../content/dag/codecs.ts'
import { memberOf, walkDag } from '../../content/dag/walk.ts'
import { maxPartBytes } from './block.ts'
import {
  type Answer,
  type Call,
  type Endpoints,
  followPath,
  onlyPath,
  resolveCid,
  toLink,
} from './endpoint.ts'
import { readWhole } from './multipart.ts'

export const dagEndpoints: Endpoints = {
  'dag/import': async (call) => ({ lines: importCars(call) }),
  'dag/export': async ({ node, query, signal }) => {
    const root = await resolveCid(node, onlyPath(query))
    // Asked for before the header is made: a root that is not here is an error, not half a CAR.
    await node.get(root)
    return { bytes: encodeCar([root], walkDag(node, root, { signal })), type: carMediaType }
  },
  'dag/get': getNode,
  'dag/put': async (call) => ({ lines: putNodes(call) }),
  'dag/resolve': async ({ node, query }) => {
    const { cid, rest } = await followPath(node, onlyPath(query))
    return { json: { Cid: toLink(cid), RemPath: rest.join('/') } }
  },
  'dag/stat': statDags,
}

async function* importCars({ node, query, parts }: Call): AsyncGenerator<unknown> {
  const pinRoots = query.flag('pin-roots', true)
  let count = 0
  let bytes = 0
  for await (const { content } of parts()) {
    const { roots, blockCount, blockBytes } = await node.importCar(content, pinRoots)
    count += blockCount
    bytes += blockBytes
    for (const { cid, failure } of roots) {
      yield { Root: { Cid: toLink(cid), PinErrorMsg: failure === undefined ? '' : describe(failure) } }
    }
  }
  if (query.flag('stats', false)) yield { Stats: { BlockCount: count, BlockBytesCount: bytes } }
}

async function getNode({ node, query }: Call): Promise<Answer> {
  const { cid, rest } = await followPath(node, onlyPath(query))
  const value = decodeBlock({ cid, bytes: await node.get(cid) }, codecOf(cid.code))
  const member = rest.reduce(memberOf, value)
  const bytes = codecOf(query.text('output-codec') ?? 'dag-json').encode(member)
  return { bytes: [bytes], length: bytes.length }
}

async function* putNodes({ node, query, parts }: Call): AsyncGenerator<unknown> {
  const input = codecOf(query.text('input-codec') ?? 'dag-json')
  const store = codecOf(query.text('store-codec') ?? 'dag-cbor')
  const pinMode = query.flag('pin', false) ? 'recursive' : undefined
  for await (const { content } of parts()) {
    const value = input.decode(await readWhole(content, maxPartBytes(query)))
    const block = makeBlock(store.encode(value), store, 1, query.text('hash') ?? 'sha2-256')
    await node.putBlock(block, pinMode)
    yield { Cid: toLink(block.cid) }
  }
}

async function statDags({ node, query, signal }: Call): Promise<Answer> {
  const stats: { Cid: { '/': string }; Size: number; NumBlocks: number }[] = []
  const all = new Map<string, number>()
  for (const path of query.paths()) {
    const root: CID = await resolveCid(node, path)
    const stat = { Cid: toLink(root), Size: 0, NumBlocks: 0 }
    for await (const { cid, bytes } of walkDag(node, root, { signal })) {
      stat.Size += isIdentity(cid) ? 0 : bytes.length
      stat.NumBlocks += 1
      all.set(cid.toString(), bytes.length)
    }
    stats.push(stat)
  }
  const total = stats.reduce((sum, { Size }) => sum + Size, 0)
  const unique = [...all.values()].reduce((sum, size) => sum + size, 0)
  return {
    json: {
      UniqueBlocks: all.size,
      TotalSize: unique,
      SharedSize: total - unique,
      Ratio: unique > 0 ? total / unique : 1,
      DagStats: stats,
    },
  }
}
