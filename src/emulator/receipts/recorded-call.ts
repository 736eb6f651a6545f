// A receipt -> the call that left it, as a debugger takes one.

import type { Builder } from '../../build/build.ts'
import { callableExports, inspectWasm } from '../../base/wasm/inspect.ts'
import type { DebugBuild, RecordedCall } from '../../client/debug-messages.ts'
import type { Config } from '../../config.ts'
import { type ReplayStages, toCall } from '../../flows/replay/replay.ts'
import type { Context, Source } from '../../model.ts'
import { printRecorded } from '../../recording.ts'
import type { Receipt } from '../../trace/receipts/receipt.ts'
import { digestOf } from '../../trace/receipts/write.ts'
import { buildLocal } from '../local.ts'

export interface RecordedStages {
  config: Config
  builder: Builder
  module: ReplayStages['module']
}

/** Throws RECEIPT_INCOMPLETE, and what building and fetching throw. */
export async function readRecorded(
  { cid, receipt }: { cid: string; receipt: Receipt },
  local: { source: Source; build: DebugBuild } | undefined,
  stages: RecordedStages,
  context: Context,
): Promise<RecordedCall> {
  const ran = receipt.module.toString()
  const built = local && (await buildLocal(local.source, stages, context))
  const isSame = built?.cid === ran
  const module = !local ? 'recorded' : isSame ? 'same' : 'changed'
  const build = local?.build ?? toBuild(receipt, await stages.module(ran, context))
  const bytes = Buffer.from(build.base64, 'base64')
  const { input, script, options } = toCall(
    receipt,
    { cid: ran, bytes },
    module === 'changed' ? 'loose' : 'strict',
  )
  return {
    ...{ receipt: cid, module, export: receipt.export, unfaithful: receipt.unfaithful },
    // Nothing of the embedder is asked: the receipt answers for it.
    build: { ...build, options, vars: [], settings: {} },
    base64: Buffer.from(input).toString('base64'),
    script: printRecorded(script),
    came: cameOf(receipt),
  }
}

/** Nothing is known of where it came from. */
function toBuild(
  { function: name }: Receipt,
  bytes: Uint8Array,
): Omit<DebugBuild, 'options' | 'vars' | 'settings'> {
  const exports = callableExports(inspectWasm(bytes))
  return {
    name,
    folder: '',
    entry: '',
    language: 'wasm',
    exports,
    base64: Buffer.from(bytes).toString('base64'),
  }
}

function cameOf({ output, problem }: Receipt): RecordedCall['came'] {
  if (problem) return { problem }
  const bytes = output ?? new Uint8Array()
  return { output: bytes instanceof Uint8Array ? digestOf(bytes) : bytes }
}
