// refs: the links under a path, along each way that leads to them; refs/local: every stored block.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { type Block, decodeNode, linksOf } from '../../../content/dag/codecs.ts'
import type { ContentNode } from '../../../content/node.ts'
import { type Answer, type Call, type Endpoint, type Endpoints, resolveCid } from '../endpoint.ts'
import { kuboWords } from '../reply.ts'

const listLocal: Endpoint = async ({ node, show }) => ({ lines: listStored(node, show) })

export const refsEndpoints: Endpoints = {
  refs: listRefs,
  'refs/local': listLocal,
  'repo/ls': listLocal,
}

async function* listStored(node: ContentNode, show: Call['show']): AsyncGenerator<unknown> {
  for await (const cid of node.blocks.list()) yield { Ref: show(cid), Err: '' }
}

interface RefsOptions {
  format: string
  isUnique: boolean
  /** Negative: as deep as it goes. */
  maxDepth: number
}

async function listRefs(call: Call): Promise<Answer> {
  const options = readOptions(call)
  const roots: CID[] = []
  for (const path of call.query.paths()) roots.push(await resolveCid(call.node, path))
  return { lines: writeRefs(call, roots, options) }
}

function readOptions({ query }: Call): RefsOptions {
  const format = query.text('format') ?? '<dst>'
  const isEdges = query.flag('edges', false)
  if (isEdges && format !== '<dst>') {
    throw new WasmateError('INPUT_INVALID', 'using format argument with edges is not allowed')
  }
  return {
    format: isEdges ? '<src> -> <dst>' : format || '<dst>',
    isUnique: query.flag('unique', false),
    maxDepth: query.flag('recursive', false) ? (query.whole('max-depth') ?? -1) : 1,
  }
}

/** A root that can't be read to its end is told of in its place; the next one comes all the same. */
async function* writeRefs(call: Call, roots: CID[], options: RefsOptions): AsyncGenerator<unknown> {
  const seen = new Map<string, number>()
  for (const root of roots) {
    try {
      yield* walkRefs(call, root, options, seen)
    } catch (error) {
      if (call.signal.aborted) throw error
      yield { Ref: '', Err: kuboWords(error) }
    }
  }
}

interface Step {
  from: CID
  link: NamedLink
  depth: number
}

interface NamedLink {
  name: string
  cid: CID
}

async function* walkRefs(
  { node, show, signal }: Call,
  root: CID,
  { format, isUnique, maxDepth }: RefsOptions,
  seen: Map<string, number>,
): AsyncGenerator<unknown> {
  const stack = stepsFrom(await readBlock(node, root), 1)
  for (let step = stack.pop(); step; step = stack.pop()) {
    signal.throwIfAborted()
    const { from, link, depth } = step
    const visit = isUnique ? visitOnce(seen, link.cid, depth, maxDepth) : visitAlways(depth, maxDepth)
    if (!visit.isShown && !visit.isEntered) continue
    const block = await readBlock(node, link.cid)
    if (visit.isShown) yield { Ref: fillIn(format, show(from), show(link.cid), link.name), Err: '' }
    if (visit.isEntered) for (const next of stepsFrom(block, depth + 1)) stack.push(next)
  }
}

interface Visit {
  isShown: boolean
  isEntered: boolean
}

function visitAlways(depth: number, maxDepth: number): Visit {
  return {
    isShown: maxDepth < 0 || depth <= maxDepth,
    isEntered: maxDepth < 0 || depth < maxDepth,
  }
}

/** What was seen is gone into again only when it comes nearer to the root, where the limit lets it reach further. */
function visitOnce(seen: Map<string, number>, cid: CID, depth: number, maxDepth: number): Visit {
  const { isShown, isEntered } = visitAlways(depth, maxDepth)
  if (!isShown) return { isShown, isEntered }
  const before = seen.get(cid.toString())
  if (before !== undefined && (maxDepth < 0 || before <= depth)) return { isShown: false, isEntered: false }
  seen.set(cid.toString(), depth)
  return { isShown: before === undefined, isEntered }
}

async function readBlock(node: ContentNode, cid: CID): Promise<Block> {
  return { cid, bytes: await node.get(cid) }
}

/** Last link first: the stack gives them back in their order. */
function stepsFrom(block: Block, depth: number): Step[] {
  return namedLinks(block)
    .map((link) => ({ from: block.cid, link, depth }))
    .reverse()
}

function namedLinks(block: Block): NamedLink[] {
  if (block.cid.code !== 0x70) return linksOf(block).map((cid) => ({ name: '', cid }))
  return decodeNode(block).Links.map(({ Name = '', Hash }) => ({ name: Name, cid: Hash }))
}

function fillIn(format: string, source: string, destination: string, name: string): string {
  return format
    .replaceAll('<src>', source)
    .replaceAll('<dst>', destination)
    .replaceAll('<linkname>', () => name)
}
