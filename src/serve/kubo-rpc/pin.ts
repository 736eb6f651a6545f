// pin/add, ls, rm, update.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../base/errors.ts'
import { isIdentity, linksOf, mayLink } from '../../content/dag/codecs.ts'
import type { ContentNode } from '../../content/node.ts'
import { type Answer, type Call, type Endpoints, type Query, resolveCid } from './endpoint.ts'

export const pinEndpoints: Endpoints = {
  'pin/add': addPins,
  'pin/ls': listPins,
  'pin/rm': removePins,
  'pin/update': updatePin,
}

async function addPins({ node, query, signal }: Call): Promise<Answer> {
  const cids = await resolveAll(node, query)
  const mode = query.flag('recursive', true) ? 'recursive' : 'direct'
  for (const cid of cids) await node.pin(cid, mode, query.text('name') ?? '', signal)
  return { json: { Pins: cids.map(String) } }
}

async function removePins({ node, query }: Call): Promise<Answer> {
  const cids = await resolveAll(node, query)
  for (const cid of cids) {
    const pin = node.pins.get(cid)
    if (!pin) throw new WasmateError('INPUT_INVALID', 'not pinned or pinned indirectly')
    if (pin.mode === 'recursive' && !query.flag('recursive', true)) {
      throw new WasmateError('INPUT_INVALID', `${cid.toString()} is pinned recursively`)
    }
  }
  for (const cid of cids) await node.pins.remove(cid)
  return { json: { Pins: cids.map(String) } }
}

/** The new pin is on disk before the old one goes. */
async function updatePin({ node, query, signal }: Call): Promise<Answer> {
  const [from, to, ...more] = await resolveAll(node, query)
  if (!from || !to || more.length > 0) throw new WasmateError('INPUT_INVALID', 'two arguments are expected')
  const pin = node.pins.get(from)
  if (pin?.mode !== 'recursive') {
    throw new WasmateError('INPUT_INVALID', "'from' cid was not recursively pinned already")
  }
  await node.pin(to, 'recursive', pin.name, signal)
  if (query.flag('unpin', true) && !to.equals(from)) await node.pins.remove(from)
  return { json: { Pins: [from, to].map(String) } }
}

interface ListedPin {
  Cid: string
  Type: string
  Name: string
}

async function listPins({ node, query, signal }: Call): Promise<Answer> {
  const pins =
    query.all('arg').length > 0 ? await findPins(node, query, signal) : await allPins(node, query, signal)
  const part = query.text('name')
  const named = part === undefined ? pins : pins.filter(({ Name }) => Name.includes(part))
  const withNames = part !== undefined || query.flag('names', false)
  const shown = named.map(({ Name, ...pin }) => (withNames && Name !== '' ? { ...pin, Name } : pin))
  if (query.flag('stream', false)) return { lines: shown }
  return { json: { Keys: Object.fromEntries(shown.map(({ Cid, ...pin }) => [Cid, pin])) } }
}

const pinTypes = ['all', 'recursive', 'direct', 'indirect']

function readType(query: Query): string {
  const type = query.text('type') ?? 'all'
  if (pinTypes.includes(type)) return type
  throw new WasmateError('INPUT_INVALID', `invalid type '${type}', must be one of ${pinTypes.join(', ')}`)
}

async function allPins(node: ContentNode, query: Query, signal: AbortSignal): Promise<ListedPin[]> {
  const type = readType(query)
  const pins: ListedPin[] = node.pins
    .all()
    .filter(({ mode }) => type === 'all' || type === mode)
    .map(({ cid, mode, name }) => ({ Cid: cid.toString(), Type: mode, Name: name }))
  if (type !== 'all' && type !== 'indirect') return pins
  const listed = new Set<string>()
  for await (const { cid } of indirectPins(node, signal)) {
    if (!node.pins.get(cid)) listed.add(cid.toString())
  }
  return [...pins, ...[...listed].map((Cid) => ({ Cid, Type: 'indirect', Name: '' }))]
}

async function findPins(node: ContentNode, query: Query, signal: AbortSignal): Promise<ListedPin[]> {
  const type = readType(query)
  return Promise.all(
    query.paths().map(async (path) => {
      const cid = await resolveCid(node, path)
      const pin = node.pins.get(cid)
      if (pin && (type === 'all' || type === pin.mode)) {
        return { Cid: cid.toString(), Type: pin.mode, Name: pin.name }
      }
      const root = type === 'all' || type === 'indirect' ? await findRoot(node, cid, signal) : undefined
      if (!root) throw new WasmateError('INPUT_INVALID', `path '${path}' is not pinned`)
      return { Cid: cid.toString(), Type: `indirect through ${root.toString()}`, Name: '' }
    }),
  )
}

async function findRoot(node: ContentNode, wanted: CID, signal: AbortSignal): Promise<CID | undefined> {
  for await (const { cid, root } of indirectPins(node, signal)) if (cid.equals(wanted)) return root
  return undefined
}

/** Everything under a recursive pin; leaves are told of without being read. */
async function* indirectPins(
  node: ContentNode,
  signal: AbortSignal,
): AsyncGenerator<{ cid: CID; root: CID }> {
  for (const { cid: root, mode } of node.pins.all()) {
    if (mode !== 'recursive') continue
    const seen = new Set<string>()
    const stack = [root]
    for (let cid = stack.pop(); cid; cid = stack.pop()) {
      signal.throwIfAborted()
      if (seen.has(cid.toString())) continue
      seen.add(cid.toString())
      if (cid !== root && !isIdentity(cid)) yield { cid, root }
      if (mayLink(cid)) stack.push(...linksOf({ cid, bytes: await node.get(cid) }))
    }
  }
}

function resolveAll(node: ContentNode, query: Query): Promise<CID[]> {
  return Promise.all(query.paths().map((path) => resolveCid(node, path)))
}
