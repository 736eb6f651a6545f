// pin/add, rm, update.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { isIdentity } from '../../../content/dag/codecs.ts'
import { walkDag } from '../../../content/dag/walk.ts'
import type { ContentNode } from '../../../content/node.ts'
import type { PinMode } from '../../../content/pins.ts'
import { type Answer, type Call, type Endpoints, resolveCid } from '../endpoint.ts'
import { kuboWords } from '../reply.ts'

export const pinChangeEndpoints: Endpoints = {
  'pin/add': addPins,
  'pin/rm': removePins,
  'pin/update': updatePin,
}

const maxNameBytes = 255

/** The name that an option gives a pin; throws INPUT_INVALID for one that is too long. */
export function readPinName(name = ''): string {
  const bytes = Buffer.byteLength(name)
  if (bytes <= maxNameBytes) return name
  throw new WasmateError('INPUT_INVALID', `pin name is ${bytes} bytes (max ${maxNameBytes} bytes)`)
}

interface Wanted {
  cids: CID[]
  mode: PinMode
  name: string
}

async function addPins(call: Call): Promise<Answer> {
  const { query } = call
  const wanted: Wanted = {
    name: readPinName(query.text('name')),
    mode: query.flag('recursive', true) ? 'recursive' : 'direct',
    cids: await resolveAll(call),
  }
  if (query.flag('progress', false)) return { lines: addWithProgress(call, wanted) }
  await addAll(call, wanted)
  return { json: { Pins: wanted.cids.map(call.show) } }
}

async function addAll({ node, signal }: Call, { cids, mode, name }: Wanted): Promise<void> {
  for (const cid of cids) await pinAs('pin', () => node.pin(cid, mode, name, signal))
}

/** What is missing is said to be so by the command, as in Kubo. */
async function pinAs(command: string, pin: () => Promise<void>): Promise<void> {
  try {
    await pin()
  } catch (error) {
    if (!(error instanceof WasmateError) || error.code !== 'CONTENT_NOT_FOUND') throw error
    throw new WasmateError('INPUT_INVALID', `${command}: ${kuboWords(error)}`, { cause: error })
  }
}

/** Blocks are counted on a walk before the one that pins: what is here is read twice, and counts exactly. */
async function* addWithProgress(call: Call, wanted: Wanted): AsyncGenerator<unknown> {
  const progress = { Progress: 0, Bytes: 0 }
  for (const cid of wanted.mode === 'recursive' ? wanted.cids : []) {
    for await (const block of walkDag(call.node, cid, { signal: call.signal })) {
      if (isIdentity(block.cid)) continue
      progress.Progress += 1
      progress.Bytes += block.bytes.length
      if (progress.Progress % reportedBlocks === 0) yield { ...progress }
    }
  }
  await addAll(call, wanted)
  yield progress
  yield { Pins: wanted.cids.map(call.show) }
}

const reportedBlocks = 1000

async function removePins(call: Call): Promise<Answer> {
  const { node, query } = call
  const cids = await resolveAll(call)
  for (const cid of cids) {
    const pin = node.pins.get(cid)
    if (!pin) throw new WasmateError('INPUT_INVALID', 'not pinned or pinned indirectly')
    if (pin.mode === 'recursive' && !query.flag('recursive', true)) {
      throw new WasmateError('INPUT_INVALID', `${cid.toString()} is pinned recursively`)
    }
  }
  for (const cid of cids) await node.pins.remove(cid)
  return { json: { Pins: cids.map(call.show) } }
}

/** The new pin is on disk before the old one goes. */
async function updatePin(call: Call): Promise<Answer> {
  const { node, query, signal } = call
  const [from, to] = await resolveAll(call)
  if (!from || !to) throw new WasmateError('INPUT_INVALID', 'argument "to-path" is required')
  const pin = node.pins.get(from)
  if (pin?.mode !== 'recursive') {
    throw new WasmateError('INPUT_INVALID', "'from' cid was not recursively pinned already")
  }
  if (!to.equals(from)) {
    refuseRecursive(node, to)
    await pinAs(`get ${to.toString()}`, () => node.pin(to, 'recursive', pin.name, signal))
    if (query.flag('unpin', true)) await node.pins.remove(from)
  }
  return { json: { Pins: [from, to].map(call.show) } }
}

function refuseRecursive(node: ContentNode, cid: CID): void {
  if (node.pins.get(cid)?.mode !== 'recursive') return
  throw new WasmateError('INPUT_INVALID', "'to' cid was already recursively pinned")
}

/** One after the other: there may be thousands, and each may read a block. */
async function resolveAll({ node, query }: Call): Promise<CID[]> {
  const cids: CID[] = []
  for (const path of query.paths()) cids.push(await resolveCid(node, path))
  return cids
}
