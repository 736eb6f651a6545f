// Flow call: request -> resolve -> load -> invoke.

import { WasmateError } from './base/errors.ts'
import type { Answer, Context, Invocation, ModuleCall } from './model.ts'
import type { LoadRequest } from './load.ts'
import type { CallOptions, ServedVersion } from './served.ts'

export interface InvokeStages {
  served: {
    answering(name: string): ServedVersion | undefined
    callOptions(name: string): CallOptions
  }
  loader: { load(request: LoadRequest, context: Context): Promise<void> }
  runner: {
    invoke(call: ModuleCall, context: Context): Promise<Answer>
  }
  /** Names that are deployed but wait for the chain. */
  isPending(name: string): boolean
}

export async function invoke(
  invocation: Invocation,
  stages: InvokeStages,
  context: Context,
): Promise<Answer> {
  const { target, input } = invocation
  const version = resolve(target, stages)
  const { options, defaultExport } = stages.served.callOptions(target)
  const expected = 'sha256' in version ? { sha256: version.sha256, size: version.size } : undefined
  await stages.loader.load({ cid: version.cid, limits: options, ...(expected && { expected }) }, context)
  return stages.runner.invoke(
    { function: target, cid: version.cid, export: invocation.export, defaultExport, input, options },
    context,
  )
}

/** A CID stands for itself: names have at most 31 characters, CIDs have more. */
function resolve(target: string, stages: InvokeStages): ServedVersion | { cid: string } {
  if (target.length > 31) return { cid: target }
  const answering = stages.served.answering(target)
  if (answering) return answering
  if (stages.isPending(target))
    throw new WasmateError('CHAIN_NOT_READY', `${target} is pinned and waits to be registered`)
  throw new WasmateError('FUNCTION_NOT_FOUND', target)
}
