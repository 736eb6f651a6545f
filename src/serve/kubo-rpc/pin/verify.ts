// pin/verify: whether every block under each recursive pin is here and is what its CID says.

import type { CID } from 'multiformats/cid'
import { WasmateError } from '../../../base/errors.ts'
import { linksOf } from '../../../content/dag/codecs.ts'
import type { ContentNode } from '../../../content/node.ts'
import type { Answer, Call, Endpoints } from '../endpoint.ts'
import { kuboWords } from '../reply.ts'

export const pinVerifyEndpoints: Endpoints = { 'pin/verify': verifyPins }

interface BadNode {
  Cid: string
  Err: string
}

async function verifyPins(call: Call): Promise<Answer> {
  const isVerbose = call.query.flag('verbose', false)
  if (isVerbose && call.query.flag('quiet', false)) {
    const words = 'the --verbose and --quiet options can not be used at the same time'
    throw new WasmateError('INPUT_INVALID', words)
  }
  return { lines: verifyEach(call, isVerbose) }
}

/** Sound pins are told of only when that is asked for. */
async function* verifyEach({ node, show, signal }: Call, isVerbose: boolean): AsyncGenerator<unknown> {
  for (const { cid, mode } of node.pins.all()) {
    if (mode !== 'recursive') continue
    const bad = await findBad(node, cid, show, signal)
    if (bad.length > 0) yield { Cid: show(cid), BadNodes: bad }
    else if (isVerbose) yield { Cid: show(cid), Ok: true }
  }
}

async function findBad(
  node: ContentNode,
  root: CID,
  show: Call['show'],
  signal: AbortSignal,
): Promise<BadNode[]> {
  const bad: BadNode[] = []
  const seen = new Set<string>()
  const stack = [root]
  for (let cid = stack.pop(); cid; cid = stack.pop()) {
    signal.throwIfAborted()
    if (seen.has(cid.toString())) continue
    seen.add(cid.toString())
    try {
      for (const link of linksOf({ cid, bytes: await node.get(cid) })) stack.push(link)
    } catch (error) {
      bad.push({ Cid: show(cid), Err: kuboWords(error) })
    }
  }
  return bad
}
