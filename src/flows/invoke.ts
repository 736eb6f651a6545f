// Flow call: request -> resolve -> load -> invoke.

import { type Problem, WasmateError, fromProblem } from '../base/errors.ts'
import type { Answer, Context, FunctionOptions, Invocation, ModuleCall } from '../model.ts'
import type { LoadRequest } from './load.ts'
import type { CallOptions, ServedVersion } from './served.ts'

export interface InvokeStages {
  served: {
    answering(name: string): ServedVersion | undefined
    callOptions(name: string): CallOptions
    /** Why the current version does not answer. */
    problem(name: string): { problem: Problem } | undefined
  }
  /** Throws NOT_ATTESTED or VERSION_YANKED when the network's policy does not let this version run. */
  allow(name: string, version: ServedVersion, context: Context): Promise<void>
  loader: { load(request: LoadRequest, context: Context): Promise<void> }
  runner: {
    has(cid: string): boolean
    invoke(call: ModuleCall, context: Context): Promise<Answer>
  }
  /** Names that are deployed but wait for the chain. */
  isPending(name: string): boolean
}

/**
 * Calls a name or a CID. The policy of the network is on names: it may have become stricter since a version was
 * loaded. A CID says itself which bytes run, and no policy covers it. A name that is registered and does not answer
 * throws why.
 */
export async function invoke(
  invocation: Invocation,
  stages: InvokeStages,
  context: Context,
): Promise<Answer> {
  const { target, input, trace, record } = invocation
  const version = resolve(target, stages)
  if ('version' in version) await stages.allow(target, version, context)
  const { options: own, defaultExport } = stages.served.callOptions(target)
  const options = withKey(own, invocation.idempotencyKey)
  const expected = 'sha256' in version ? { sha256: version.sha256, size: version.size } : undefined
  const wanted = { cid: version.cid, limits: options, ...(expected && { expected }) }
  // What was loaded may have made room for another module until its turn came.
  do await stages.loader.load(wanted, context)
  while (!stages.runner.has(version.cid))
  return stages.runner.invoke(
    {
      ...{ function: target, cid: version.cid, export: invocation.export, defaultExport, input, options },
      ...{ trace, record },
    },
    context,
  )
}

/** What a function's config has the key of its call under. */
const keyName = 'idempotency-key'

/** A function's options with what is of one call alone. */
export function withKey(options: FunctionOptions, key: string | undefined): FunctionOptions {
  return key === undefined ? options : { ...options, config: { ...options.config, [keyName]: key } }
}

/** A CID stands for itself: names have at most 31 characters, CIDs have more. */
function resolve(target: string, stages: InvokeStages): ServedVersion | { cid: string } {
  if (target.length > 31) return { cid: target }
  const answering = stages.served.answering(target)
  if (answering) return answering
  if (stages.isPending(target))
    throw new WasmateError('CHAIN_NOT_READY', `${target} is pinned and waits to be registered`)
  const known = stages.served.problem(target)
  throw known ? fromProblem(known.problem) : new WasmateError('FUNCTION_NOT_FOUND', target)
}
