// How far each function of the workspace has come: local -> pinned -> registered -> served, and where it stands still.

import type { Problem } from '../base/errors.ts'
import type { Publication, Source, ToolDescription } from '../model.ts'
import type { Build } from './builds.ts'
import type { ServedVersion } from './served.ts'

/** `in-step`: what is on disk is what answers. Each other says where it stands still. */
export type Standing =
  'in-step' | 'not-built' | 'changed' | 'not-pinned' | 'not-registered' | 'waiting' | 'not-served' | 'failed'

export interface FunctionOverview {
  name: string
  /** Finds its source again. */
  path: string
  entry: string
  language: string
  /** Callable exports of the last build; empty before the first. */
  exports: string[]
  defaultExport?: string
  tool?: ToolDescription
  standing: Standing
  /** A sentence. */
  why: string
  local?: { cid: string; size: number; builtAt: number; changedSince: boolean }
  pinned: boolean
  registered?: { cid: string; version: number }
  served?: { cid: string; version: number }
  problem?: Problem
}

export interface OverviewStages {
  find(source: Source): Build | undefined
  stamp(source: Source): Promise<string>
  /** Of these, those that the node has pinned. */
  pinned(cids: string[]): Promise<Set<string>>
  /** What waits to be registered. */
  pending(name: string): Publication | undefined
  /** The version that the registry names as current. */
  current(name: string): ServedVersion | undefined
  answering(name: string): ServedVersion | undefined
  /** Why the current version does not answer, or why the last build failed. */
  problem(source: Source): Problem | undefined
}

export async function overview(sources: Source[], stages: OverviewStages): Promise<FunctionOverview[]> {
  const builds = sources.map((source) => stages.find(source))
  const pinned = await stages.pinned(builds.flatMap((build) => build?.cid ?? []))
  return Promise.all(
    sources.map(async (source, index) => {
      const build = builds[index]
      const changedSince = build !== undefined && build.stamp !== (await stages.stamp(source))
      return describeFunction(source, { build, changedSince, pinned: pinned.has(build?.cid ?? '') }, stages)
    }),
  )
}

interface Local {
  build: Build | undefined
  changedSince: boolean
  pinned: boolean
}

function describeFunction(source: Source, local: Local, stages: OverviewStages): FunctionOverview {
  const { name, path, entry, language, defaultExport, tool } = source
  const { build, changedSince, pinned } = local
  const [current, answering, problem] = [stages.current(name), stages.answering(name), stages.problem(source)]
  const [standing, why] = judge(source, local, stages)
  return {
    ...{ name, path, entry, language, exports: build?.exports ?? [], standing, why, pinned },
    ...(defaultExport !== undefined && { defaultExport }),
    ...(tool && { tool }),
    ...(build && { local: { cid: build.cid, size: build.size, builtAt: build.builtAt, changedSince } }),
    ...(current && { registered: { cid: current.cid, version: current.version } }),
    ...(answering && { served: { cid: answering.cid, version: answering.version } }),
    ...(problem && { problem }),
  }
}

function judge(
  source: Source,
  { build, changedSince, pinned }: Local,
  stages: OverviewStages,
): [Standing, string] {
  const { name } = source
  const problem = stages.problem(source)
  if (problem) return ['failed', problem.detail]
  if (!build) return ['not-built', 'It was never built here.']
  if (changedSince) return ['changed', 'The source has changed since it was last built.']
  if (!pinned) return ['not-pinned', `${build.cid} is not pinned here.`]
  const [current, answering] = [stages.current(name), stages.answering(name)]
  if (current?.cid !== build.cid) {
    if (stages.pending(name)?.cid === build.cid) return ['waiting', 'It is pinned and waits for the chain.']
    const registered = current
      ? `v${current.version}, which is registered, is ${current.cid}.`
      : 'Nothing is registered under this name.'
    return ['not-registered', registered]
  }
  if (answering?.cid === build.cid) return ['in-step', `v${current.version} answers with what is here.`]
  const behind = answering ? `v${answering.version} answers still.` : 'Nothing answers yet.'
  return ['not-served', `v${current.version} is registered. ${behind}`]
}
