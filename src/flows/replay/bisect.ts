// Flow bisect: a receipt -> the registered versions of its function -> the first that gave this answer, found by
// halving: as with any bisection, it is supposed that the answer has changed once.

import { WasmateError, describe } from '../../base/errors.ts'
import type { Context, VersionRecord } from '../../model.ts'
import { type ReplayStages, replayWith } from './replay.ts'

type Version = Pick<VersionRecord, 'version' | 'cid'>

export interface BisectStages extends ReplayStages {
  /** Newest first. Throws FUNCTION_NOT_FOUND or CHAIN_NOT_READY. */
  history(name: string, context: Context): Promise<Version[]>
}

export interface Bisection {
  receipt: string
  function: string
  /** The first version that gives the recorded answer. */
  first: Version
  /** In the order in which they were tried; why: what another one does instead. */
  tried: (Version & { same: boolean; why?: string })[]
}

/** Throws INPUT_INVALID when there are no versions to try, and what a replay throws. */
export async function bisect(cid: string, stages: BisectStages, context: Context): Promise<Bisection> {
  const receipt = await stages.receipt(cid, context)
  const { function: name, module, version } = receipt
  if (version === undefined) throw new WasmateError('INPUT_INVALID', `${name} was not called by a name`)
  const versions = (await stages.history(name, context)).filter((each) => each.version <= version).reverse()
  const tried: Bisection['tried'] = []
  const gives = async (each: Version): Promise<boolean> => {
    context.report?.({ doing: `replaying ${name} v${each.version}` })
    const came = await tryVersion({ cid, receipt }, each, stages, context)
    tried.push({ ...each, ...came })
    return came.same
  }
  let [low, high] = [0, versions.length - 1]
  const recorded = versions[high]
  const isKnown = receipt.faithful && recorded?.cid === module.toString()
  if (!isKnown && !(recorded && (await gives(recorded)))) {
    throw new WasmateError('INPUT_INVALID', `v${version} of ${name} does not give the recorded answer`)
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await gives(versions[middle] as Version)) high = middle
    else low = middle + 1
  }
  const { version: first, cid: firstCid } = versions[high] as Version
  return { receipt: cid, function: name, first: { version: first, cid: firstCid }, tried }
}

/** One that can't be fetched, or has no such export, does not give the answer. */
async function tryVersion(
  recorded: Parameters<typeof replayWith>[0],
  { cid }: Version,
  stages: BisectStages,
  context: Context,
): Promise<{ same: boolean; why?: string }> {
  try {
    const bytes = await stages.module(cid, context)
    const { same, difference, diverged, replayed } = await replayWith(
      recorded,
      { cid, bytes },
      'loose',
      stages,
      context,
    )
    if (same) return { same }
    const problem = replayed && 'problem' in replayed ? replayed.problem.code : undefined
    return {
      same,
      why: problem ?? difference?.words ?? (diverged ? 'it asks its host for something else' : ''),
    }
  } catch (error) {
    if (error instanceof WasmateError && error.code === 'CANCELLED') throw error
    return { same: false, why: describe(error) }
  }
}
