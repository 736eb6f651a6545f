// What verifying stands on, here and for a network elsewhere: modules and sources by CID, building again, and what
// wasmate.lock names.

import type { BuilderOptions } from '../build/build.ts'
import { openPublished, sourceLimits } from '../build/files.ts'
import { rebuild } from '../build/rebuild.ts'
import type { LockCheck, StreamContext, Verified, VerifyRequest } from '../client/messages.ts'
import { retrieveFile, retrieveFolder } from '../content/retrieval/retrieve.ts'
import type { LockedFunction, Lockfile } from '../lockfile.ts'
import { type Verification, type VerifyStages, verify } from '../flows/verify.ts'

export interface SourcesOptions {
  /** URLs of trustless gateways; nothing else is contacted. */
  gateways: readonly string[]
  /** Delegated routers, asked when no gateway has it. */
  routers: string[]
  /** Largest module that is fetched. */
  maxBytes: number
  builder: BuilderOptions
}

export interface VerifyingOptions {
  registry: VerifyStages['registry']
  sources: SourcesOptions
  lockfile: Lockfile
  network: string
  /** Contract address of the network's registry; `undefined` while it is not known. */
  contract: string | undefined
  /** Says on the chain that all of it holds. */
  attest(found: Verification): Promise<Verified['attested']>
}

/** Attests only what was verified just now and is what wasmate.lock names. */
export async function verifyName(
  request: VerifyRequest,
  options: VerifyingOptions,
  context: StreamContext<'verify'>,
): Promise<Verified> {
  const { registry, sources, lockfile, network, contract } = options
  // A file that can't be understood is told before a build that takes a while.
  const locked = await lockfile.find(request.name, network)
  const stages = verifyStages(registry, sources)
  const found = await verify(request.name, request, stages, context, (step) => context.step?.(step))
  const lock = locked && contract !== undefined && checkLock(locked, found, contract, request.version)
  const checks = [...found.checks, ...(lock ? [lock] : [])]
  const verified = { ...found, checks, verified: found.verified && (!lock || lock.ok) }
  if (!request.attest || checks.some(({ ok }) => !ok)) return verified
  const attested = await options.attest(found)
  return { ...verified, ...(attested && { attested }) }
}

function verifyStages(registry: VerifyStages['registry'], options: SourcesOptions): VerifyStages {
  const { routers, maxBytes, builder } = options
  const gateways = [...options.gateways]
  return {
    registry,
    fetch: (cid, context) => retrieveFile(cid, { ...context, gateways, routers, maxBytes }),
    source: {
      fetch: async (cid, context) =>
        openPublished(await retrieveFolder(cid, { ...context, ...sourceLimits, gateways, routers })),
      rebuild: (source, context) => rebuild(source, builder, context),
    },
  }
}

/** Nothing to compare: another contract is locked, or another version was asked for on purpose. */
function checkLock(
  locked: LockedFunction,
  { cid, version }: Verification,
  contract: string,
  asked: number | undefined,
): LockCheck | undefined {
  if (BigInt(locked.contract) !== BigInt(contract)) return undefined
  if (asked !== undefined && asked !== locked.version) return undefined
  if (locked.cid === cid) return { what: 'lock', ok: true, detail: `wasmate.lock names ${cid}` }
  const detail = `wasmate.lock names v${locked.version} with ${locked.cid}, registered is v${version} with ${cid}`
  return { what: 'lock', ok: false, detail, code: 'LOCK_MISMATCH' }
}
