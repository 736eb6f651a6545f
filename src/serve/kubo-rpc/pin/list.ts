// pin/ls: what is pinned, in which way, under which name.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { isIdentity, linksOf, mayLink } from '../../../content/dag/codecs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { type Answer, type Call, type Endpoints, type Query, resolveCid } from '../endpoint.ts'

export const pinListEndpoints: Endpoints = { 'pin/ls': listPins }

interface ListedPin {
  cid: CID
  type: string
  name: string
}

async function listPins(call: Call): Promise<Answer> {
  const { query, show } = call
  const type = readType(query)
  const pins = query.all('arg').length > 0 ? findPins(call, type) : allPins(call, type)
  const withNames = query.flag('names', false) || (query.text('name') ?? '') !== ''
  if (query.flag('stream', false)) return { lines: toLines(pins, withNames, show) }
  const keys: Record<string, { Type: string; Name: string }> = {}
  for await (const { cid, type: way, name } of pins) {
    keys[show(cid)] = { Type: way, Name: withNames ? name : '' }
  }
  return { json: Object.keys(keys).length > 0 ? { Keys: keys } : {} }
}

async function* toLines(
  pins: AsyncIterable<ListedPin>,
  withNames: boolean,
  show: Call['show'],
): AsyncGenerator<unknown> {
  for await (const { cid, type, name } of pins) {
    yield withNames && name !== ''
      ? { Cid: show(cid), Name: name, Type: type }
      : { Cid: show(cid), Type: type }
  }
}

const pinTypes = ['direct', 'indirect', 'recursive', 'all']

function readType(query: Query): string {
  const type = query.text('type') ?? 'all'
  if (pinTypes.includes(type)) return type
  throw new WasmateError('INPUT_INVALID', `invalid type '${type}', must be one of {${pinTypes.join(', ')}}`)
}

async function* allPins({ node, query, signal }: Call, type: string): AsyncGenerator<ListedPin> {
  const part = query.text('name') ?? ''
  for (const { cid, mode, name } of node.pins.all()) {
    if ((type === 'all' || type === mode) && name.includes(part)) yield { cid, type: mode, name }
  }
  // What is pinned through another has no name.
  if ((type !== 'all' && type !== 'indirect') || part !== '') return
  const listed = new Set<string>()
  for await (const { cid } of indirectPins(node, signal)) {
    const key = cid.toString()
    if (listed.has(key) || node.pins.get(cid)) continue
    listed.add(key)
    yield { cid, type: 'indirect', name: '' }
  }
}

/** `name` doesn't choose among what is asked for by path, as in Kubo. */
async function* findPins(call: Call, type: string): AsyncGenerator<ListedPin> {
  for (const path of call.query.paths()) {
    const cid = await resolveCid(call.node, path)
    const pin = call.node.pins.get(cid)
    if (pin && (type === 'all' || type === pin.mode)) yield { cid, type: pin.mode, name: pin.name }
    else yield { cid, type: await findIndirect(call, type, path, cid), name: '' }
  }
}

async function findIndirect(
  { node, show, signal }: Call,
  type: string,
  path: string,
  wanted: CID,
): Promise<string> {
  if (type === 'all' || type === 'indirect') {
    for await (const { cid, root } of indirectPins(node, signal)) {
      if (cid.equals(wanted)) return `indirect through ${show(root)}`
    }
  }
  throw new WasmateError('INPUT_INVALID', `path '${path}' is not pinned`)
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
      if (!mayLink(cid)) continue
      for (const link of linksOf({ cid, bytes: await node.get(cid) })) stack.push(link)
    }
  }
}
