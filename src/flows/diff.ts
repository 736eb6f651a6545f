// Flow diff: what the folder builds to, what is pinned, registered, served and locked under one name: the same bytes
// or not, and why.

import { type Problem, WasmateError, toProblem, toWasmateError } from '../base/errors.ts'
import type { LockEntry } from '../lockfile.ts'
import type { Context, Publication, VersionRecord } from '../model.ts'
import type { ServedVersion } from './served.ts'

export type Place = 'local' | 'pinned' | 'registered' | 'served' | 'locked'

export interface PlacedBytes {
  cid: string
  /** 64 hex digits; absent where it is not known. */
  sha256?: string
  size?: number
  version?: number
}

export interface PlaceReport {
  place: Place
  /** Absent: there is nothing, or it could not be looked at; then `problem` says why. */
  found?: PlacedBytes
  /** Whether these are the registered bytes, or where none are registered, those of the other places. */
  same?: boolean
  /** A sentence; absent where there is nothing to explain. */
  why?: string
  problem?: Problem
}

export interface Comparison {
  name: string
  /** All that exist are the same, and each place could be looked at. */
  same: boolean
  places: PlaceReport[]
}

/** What can be known of one name here. */
export interface DiffStages {
  /** What its folder builds to now; `undefined` when the workspace has no such function. */
  build(context: Context): Promise<PlacedBytes | undefined>
  /** CIDs that the node has pinned under the name, and those of the asked that it has pinned under any. */
  pinned(asked: string[], context: Context): Promise<string[]>
  /** Newest first. Throws FUNCTION_NOT_FOUND when nobody has the name, CHAIN_NOT_READY while that can't be told. */
  history(context: Context): Promise<VersionRecord[]>
  locked(): Promise<LockEntry | undefined>
  /** What waits to be registered. */
  pending: Publication | undefined
  answering: ServedVersion | undefined
  /** Why the current version does not answer. */
  problem: Problem | undefined
  /** Contract address of the registry and account that publishes here; `undefined` while there is no chain. */
  here(): Promise<{ contract: string; account: string } | undefined>
}

interface Facts extends Pick<DiffStages, 'pending' | 'answering' | 'problem'> {
  name: string
  local: Look<PlacedBytes>
  pinned: Look<PlacedBytes>
  history: Look<VersionRecord[]>
  locked: Look<LockEntry>
  current: VersionRecord | undefined
  here: { contract: string; account: string } | undefined
}

interface Look<T> {
  found?: T
  problem?: Problem
}

/** Throws FUNCTION_NOT_FOUND when the name is nowhere. */
export async function diff(name: string, stages: DiffStages, context: Context): Promise<Comparison> {
  const facts = await gather(name, stages, context)
  const { local, pinned, locked, current, answering, history } = facts
  const registered = current ? { found: toBytes(current) } : { ...history, found: undefined }
  const served = answering ? { found: toBytes(answering) } : {}
  const looks: [Place, Look<PlacedBytes>, string | undefined][] = [
    ['local', local, explainLocal(facts)],
    ['pinned', pinned, explainPinned(facts)],
    ['registered', registered, explainRegistered(facts)],
    ['served', served, explainServed(facts)],
    ['locked', locked, explainLocked(facts)],
  ]
  const found = looks.flatMap(([, look]) => look.found ?? [])
  if (found.length === 0 && looks.every(([, { problem }]) => !problem)) {
    throw new WasmateError('FUNCTION_NOT_FOUND', `${name} is neither here nor registered`)
  }
  const reference = current ?? facts.pending ?? found[0]
  const places = looks.map(([place, look, why]) => toReport(place, look, why, reference))
  const unserved = facts.problem !== undefined && current !== undefined
  const same = !unserved && places.every((each) => each.same !== false && !each.problem)
  return { name, same, places }
}

async function gather(name: string, stages: DiffStages, context: Context): Promise<Facts> {
  const { pending, answering, problem } = stages
  const [local, history, locked, here] = await Promise.all([
    look(() => stages.build(context)),
    look(() => stages.history(context)),
    look(() => stages.locked()),
    stages.here(),
  ])
  const current = history.found?.find(({ isCurrent }) => isCurrent)
  // Of several that are pinned the one is meant that matters most: a name's earlier versions stay pinned as well.
  const wanted = [pending?.cid, current?.cid, local.found?.cid].filter((cid) => cid !== undefined)
  const pins = await look(() => stages.pinned(wanted, context))
  const cid = wanted.find((each) => pins.found?.includes(each)) ?? pins.found?.at(-1)
  const pinned: Look<PlacedBytes> = {
    ...(cid !== undefined && { found: { cid, ...versionOf(cid, history.found) } }),
    ...(pins.problem && { problem: pins.problem }),
  }
  return { ...{ name, local, pinned, history, locked, current, here }, pending, answering, problem }
}

/** What can't be looked at hides none of the others; being cancelled ends it all. */
async function look<T>(at: () => Promise<T | undefined>): Promise<Look<T>> {
  try {
    const found = await at()
    return found === undefined ? {} : { found }
  } catch (error) {
    const { code } = toWasmateError(error)
    if (code === 'CANCELLED') throw error
    return code === 'FUNCTION_NOT_FOUND' ? {} : { problem: toProblem(error) }
  }
}

function toReport(
  place: Place,
  { found, problem }: Look<PlacedBytes>,
  why: string | undefined,
  reference: Pick<PlacedBytes, 'cid' | 'sha256'> | undefined,
): PlaceReport {
  return {
    place,
    ...(found && { found: toBytes(found) }),
    ...(found && reference && { same: isSame(found, reference) }),
    ...(why !== undefined && { why }),
    ...(problem && { problem }),
  }
}

function toBytes({ cid, sha256, size, version }: PlacedBytes): PlacedBytes {
  // The earlier contract knows neither hash nor size.
  return {
    cid,
    ...(sha256 && { sha256 }),
    ...(size && { size }),
    ...(version !== undefined && { version }),
  }
}

type Hashed = Pick<PlacedBytes, 'cid' | 'sha256'>

function isSame(a: Hashed, b: Hashed): boolean {
  return a.cid === b.cid || (a.sha256 !== undefined && a.sha256 !== '' && a.sha256 === b.sha256)
}

function versionOf(cid: string, history: VersionRecord[] | undefined): Omit<PlacedBytes, 'cid'> {
  const version = history?.find((each) => each.cid === cid)
  return version ? toBytes(version) : {}
}

function explainLocal(facts: Facts): string | undefined {
  const { local, current, pending, history } = facts
  const bytes = local.found
  if (!bytes) return local.problem ? undefined : 'no function of that name in the workspace'
  if (pending && isSame(bytes, pending)) return 'pinned, waits for the chain'
  if (!current) return history.problem ? undefined : 'not deployed yet'
  if (bytes.cid === current.cid) return undefined
  if (isSame(bytes, current)) return `the bytes of v${current.version}, under another import profile`
  const known = history.found?.find((each) => isSame(each, bytes))
  if (known) return `the folder builds v${known.version}; ${nowCurrent(facts, current)}`
  return byAnother(facts, current) ?? `source changed since v${current.version}`
}

function explainPinned({ pinned, pending, current, history }: Facts): string | undefined {
  const bytes = pinned.found
  if (!bytes) return pinned.problem ? undefined : 'nothing is pinned under the name'
  if (pending && isSame(bytes, pending)) return 'pinned, waits for the chain'
  if (current && isSame(bytes, current)) return undefined
  if (bytes.version === undefined) return history.problem ? undefined : 'pinned, but not registered'
  return `v${bytes.version} is pinned here, the current version is not`
}

function explainRegistered({ history, current, pending }: Facts): string | undefined {
  if (current) return pending ? 'what is pinned waits for the chain' : undefined
  if (history.problem) return undefined
  if (history.found?.length) return `none of its ${history.found.length} versions is current: they are yanked`
  return pending ? 'waits for the chain' : 'nobody has registered the name'
}

function explainServed({ answering, current, problem, history }: Facts): string | undefined {
  const reason = problem && `${problem.code}: ${problem.detail}`
  if (!current) return answering || history.problem ? undefined : 'nothing is registered that could answer'
  if (!answering) return reason ? `registered but not served: ${reason}` : 'registered; it is being fetched'
  if (isSame(answering, current)) return undefined
  const wanted = `v${current.version}`
  return `v${answering.version} answers: ${wanted} ${reason ? `is not served: ${reason}` : 'is being fetched'}`
}

function explainLocked(facts: Facts): string | undefined {
  const { locked, current, here } = facts
  const entry = locked.found
  if (!entry) return locked.problem ? undefined : 'wasmate.lock has no entry; `wasmate deploy` writes it'
  if (here && !isSameAddress(entry.contract, here.contract)) {
    return `locked on the registry at ${entry.contract}, this one is at ${here.contract}`
  }
  if (!current || isSame(entry, current)) return undefined
  return `v${entry.version} is locked; ${nowCurrent(facts, current)}`
}

function nowCurrent(facts: Facts, current: VersionRecord): string {
  return byAnother(facts, current) ?? `v${current.version} is current`
}

function byAnother({ here }: Facts, { publisher, version }: VersionRecord): string | undefined {
  if (!here || isSameAddress(publisher, here.account)) return undefined
  return `another account (${publisher}) published v${version}`
}

function isSameAddress(a: string, b: string): boolean {
  return BigInt(a) === BigInt(b)
}
