// pin/verify: whether every block under each recursive pin is here and is what its CID says.

import { WasmateError } from '../../../base/errors.ts'
import { verifyPins } from '../../../content/verify.ts'
import type { Answer, Call, Endpoints } from '../endpoint.ts'
import { kuboWords } from '../reply.ts'

export const pinVerifyEndpoints: Endpoints = { 'pin/verify': verifyRecursive }

async function verifyRecursive(call: Call): Promise<Answer> {
  const isVerbose = call.query.flag('verbose', false)
  if (isVerbose && call.query.flag('quiet', false)) {
    const words = 'the --verbose and --quiet options can not be used at the same time'
    throw new WasmateError('INPUT_INVALID', words)
  }
  return { lines: verifyEach(call, isVerbose) }
}

/** Sound pins are told of only when that is asked for. */
async function* verifyEach({ node, show, signal }: Call, isVerbose: boolean): AsyncGenerator<unknown> {
  const pins = node.pins.all().filter(({ mode }) => mode === 'recursive')
  for await (const { cid, bad } of verifyPins(node, pins, signal)) {
    const nodes = bad.map((block) => ({ Cid: show(block.cid), Err: kuboWords(block.error) }))
    if (nodes.length > 0) yield { Cid: show(cid), BadNodes: nodes }
    else if (isVerbose) yield { Cid: show(cid), Ok: true }
  }
}
