// dag/import, export, get, put, resolve: DAGs of any codec that is known.

import { WasmateError, describe } from '../../base/errors.ts'
import { carMediaType, encodeCar } from '../../content/car.ts'
import { codecOf, decodeBlock, makeBlock } from '../../content/dag/codecs.ts'
import { memberOf, walkDag } from '../../content/dag/walk.ts'
import { readBlockPart } from './block.ts'
import { type Answer, type Call, type Endpoints, followPath, onlyPath, resolveCid } from './endpoint.ts'

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
  'dag/resolve': async ({ node, query, show }) => {
    const { cid, rest } = await followPath(node, onlyPath(query))
    return { json: { Cid: { '/': show(cid) }, RemPath: rest.join('/') } }
  },
}

async function* importCars({ node, query, parts, show }: Call): AsyncGenerator<unknown> {
  const pinRoots = query.flag('pin-roots', true)
  let count = 0
  let bytes = 0
  for await (const { content } of parts()) {
    const { roots, blockCount, blockBytes } = await node.importCar(content, pinRoots)
    count += blockCount
    bytes += blockBytes
    for (const { cid, failure } of roots) {
      yield { Root: { Cid: { '/': show(cid) }, PinErrorMsg: failure === undefined ? '' : describe(failure) } }
    }
  }
  if (query.flag('stats', false)) yield { Stats: { BlockCount: count, BlockBytesCount: bytes } }
}

async function getNode({ node, query }: Call): Promise<Answer> {
  const { cid, rest } = await followPath(node, onlyPath(query))
  const value = decodeBlock({ cid, bytes: await node.get(cid) }, codecOf(cid.code))
  const member = rest.reduce(memberOf, value)
  return { bytes: [encodeAs(query.text('output-codec') ?? 'dag-json', member)] }
}

async function* putNodes({ node, query, parts, show }: Call): AsyncGenerator<unknown> {
  const inputCodec = query.text('input-codec') ?? 'dag-json'
  const storeCodec = query.text('store-codec') ?? 'dag-cbor'
  const pinMode = query.flag('pin', false) ? 'recursive' : undefined
  for await (const { content } of parts()) {
    const value = decodeAs(inputCodec, await readBlockPart(content, query))
    const bytes = encodeAs(storeCodec, value)
    const block = makeBlock(bytes, codecOf(storeCodec), 1, query.text('hash') ?? 'sha2-256')
    await node.putBlock(block, pinMode)
    yield { Cid: { '/': show(block.cid) } }
  }
}

/** Not every value has a form in every codec: raw takes bytes alone, dag-pb nodes alone. */
function encodeAs(codecName: string, value: unknown): Uint8Array {
  const codec = codecOf(codecName)
  try {
    return codec.encode(value)
  } catch (error) {
    const detail = `no ${codec.name} can be made of this (${describe(error)})`
    throw new WasmateError('CODEC_UNSUPPORTED', detail, { cause: error })
  }
}

function decodeAs(codecName: string, bytes: Uint8Array): unknown {
  const codec = codecOf(codecName)
  try {
    return codec.decode(bytes)
  } catch (error) {
    const detail = `not valid ${codec.name} (${describe(error)})`
    throw new WasmateError('INPUT_INVALID', detail, { cause: error })
  }
}
