// Flow verify: name -> fetch by CID -> check -> fetch the source -> rebuild -> compare the bytes.

import { createHash } from 'node:crypto'
import { type ErrorCode, WasmateError, toWasmateError } from '../base/errors.ts'
import { printable } from '../base/printable.ts'
import { type Difference, compareModules, describeDifference } from '../base/wasm/compare.ts'
import type {
  ChangeReceipt,
  Context,
  RegisteredFunction,
  RegisteredVersion,
  RegistryChange,
} from '../model.ts'
import { type Report, timed } from '../steps.ts'

export interface VerifyStages {
  registry: {
    resolve(name: string): Promise<RegisteredFunction>
    getVersion(name: string, version: number): Promise<RegisteredVersion>
  }
  /** Bytes of the one file under a CID, every block verified. */
  fetch(cid: string, context: Context): Promise<Uint8Array>
  source: {
    /** What is under a source CID, every block verified; nothing is written. */
    fetch(cid: string, context: Context): Promise<Published>
    /** The module that it gives here; the source is confined, and gone afterwards. */
    rebuild(source: Published, context: Context): Promise<{ bytes: Uint8Array; toolchain?: string }>
  }
}

/** A function's source as somebody has published it. */
export interface Published {
  files: { path: string; bytes: Uint8Array }[]
  record: { toolchain: string; sha256: string; language: string; entry: string }
}

/** One thing that was looked at, in words for people; `code` says what a failed one means. */
export interface Check {
  what: 'cid' | 'sha256' | 'size' | 'source' | 'rebuild' | 'bytes' | 'yanked'
  ok: boolean
  /** What was expected, and what was found when that is something else. */
  detail: string
  code?: ErrorCode
}

/** What was found of one version of a name. */
export interface Verification {
  name: string
  version: number
  cid: string
  /** 64 hex digits as registered; empty when the registry knows none. */
  sha256: string
  size: number
  /** Empty when none is registered. */
  sourceCid: string
  /** In the order in which they were made; those that a failed one left nothing to look at are missing. */
  checks: Check[]
  /** The registered source gives the registered bytes. `yanked` only warns. */
  verified: boolean
  /** Where the rebuilt module differs from the registered one. */
  difference?: Difference
}

/** What is done with a version, and how it is told. */
interface Work {
  registered: RegisteredVersion
  stages: VerifyStages
  context: Context
  report: Report
}

/**
 * Verifies the current version of a name, or the one given. A check that fails is in the result; thrown is what
 * left nothing to check: FUNCTION_NOT_FOUND, GATEWAYS_FAILED and the rest of fetching the module, CANCELLED.
 */
export async function verify(
  name: string,
  { version }: { version?: number | undefined },
  stages: VerifyStages,
  context: Context,
  report: Report,
): Promise<Verification> {
  const find = async (): Promise<RegisteredVersion> =>
    version === undefined
      ? (await stages.registry.resolve(name)).current
      : stages.registry.getVersion(name, version)
  const registered = await timed(report, 'resolve', find, ({ version, cid }) => ({ name, version, cid }))
  const work = { registered, stages, context, report }
  const { cid, sha256, size, sourceCid } = registered
  const bytes = await timed(
    report,
    'fetch',
    () => stages.fetch(cid, context),
    ({ length }) => ({ cid, bytes: length }),
  )
  const ofModule = await timed(
    report,
    'check',
    () => Promise.resolve(checkModule(registered, bytes)),
    (checks) => ({ failed: checks.filter(isFailed).length }),
  )
  const { checks: ofSource, difference } = await checkSource(work, bytes)
  const checks = [...ofModule, ...ofSource]
  return {
    ...{ name, version: registered.version, cid, sha256, size, sourceCid, checks },
    verified: !checks.some(isFailed),
    ...(difference && { difference }),
  }
}

function isFailed({ what, ok }: Check): boolean {
  return !ok && what !== 'yanked'
}

function checkModule({ version, cid, sha256, size, yanked }: RegisteredVersion, bytes: Uint8Array): Check[] {
  const found = createHash('sha256').update(bytes).digest('hex')
  // What came through the old interface has no hash and no size: its CID alone vouches for it.
  const ofBytes: Check[] = sha256
    ? [compareFact('sha256', sha256, found), compareFact('size', `${size} bytes`, `${bytes.length} bytes`)]
    : []
  const warning: Check = yanked
    ? {
        what: 'yanked',
        ok: false,
        detail: `version ${version} was yanked by its owner`,
        code: 'VERSION_YANKED',
      }
    : { what: 'yanked', ok: true, detail: `version ${version} was not yanked` }
  return [warning, { what: 'cid', ok: true, detail: `every block is the one that ${cid} names` }, ...ofBytes]
}

function compareFact(what: 'sha256' | 'size', expected: string, found: string): Check {
  if (expected === found) return { what, ok: true, detail: expected }
  return { what, ok: false, detail: `registered is ${expected}, found ${found}`, code: 'CONTENT_MISMATCH' }
}

interface SourceOutcome {
  checks: Check[]
  difference?: Difference
}

async function checkSource(work: Work, bytes: Uint8Array): Promise<SourceOutcome> {
  const { registered, stages, context, report } = work
  const { name, version, sourceCid } = registered
  if (!sourceCid) {
    const detail = `${name} version ${version} was published without it`
    return { checks: [{ what: 'source', ok: false, detail, code: 'SOURCE_NOT_REGISTERED' }] }
  }
  const source = await attempt('source', () =>
    timed(
      report,
      'source',
      () => stages.source.fetch(sourceCid, context),
      ({ files }) => ({ cid: sourceCid, files: files.length }),
    ),
  )
  if ('what' in source) return { checks: [source] }
  const { files, record } = source
  const fetched: Check = {
    what: 'source',
    ok: true,
    detail: `${files.length} files, built with ${record.toolchain}${otherModule(record, registered)}`,
  }
  const rebuilt = await attempt('rebuild', () =>
    timed(
      report,
      'rebuild',
      () => stages.source.rebuild(source, context),
      ({ bytes, toolchain }) => ({ bytes: bytes.length, toolchain, recorded: record.toolchain }),
    ),
  )
  if ('what' in rebuilt) return { checks: [fetched, rebuilt] }
  const { checks, difference } = await compareBytes(bytes, rebuilt, record.toolchain, report)
  return { checks: [fetched, ...checks], ...(difference && { difference }) }
}

/** Whoever published wrote the record: it proves nothing, but says where to look. */
function otherModule({ sha256 }: Published['record'], registered: RegisteredVersion): string {
  if (!registered.sha256 || sha256 === registered.sha256) return ''
  return `; its record is of another module, sha256 ${sha256}`
}

async function compareBytes(
  bytes: Uint8Array,
  rebuilt: { bytes: Uint8Array; toolchain?: string },
  recorded: string,
  report: Report,
): Promise<SourceOutcome> {
  const here = rebuilt.toolchain ?? recorded
  const difference = await timed(
    report,
    'compare',
    () => Promise.resolve(compareModules(bytes, rebuilt.bytes)),
    (found) => ({ differingBytes: found?.differingBytes ?? 0 }),
  )
  const other = here === recorded ? '' : `; it was built with ${recorded}, here is ${here}`
  const built: Check = {
    what: 'rebuild',
    ok: true,
    detail: `${rebuilt.bytes.length} bytes with ${here}${other}`,
  }
  if (!difference) {
    return { checks: [built, { what: 'bytes', ok: true, detail: 'the source gives the registered bytes' }] }
  }
  const cause = other && `${other}: the likely cause`
  const detail = `${describeDifference(difference)}${cause}`
  return { checks: [built, { what: 'bytes', ok: false, detail, code: 'NOT_REPRODUCIBLE' }], difference }
}

/** A check that failed, unless it is this machine that could not make it. */
async function attempt<T extends object>(what: Check['what'], work: () => Promise<T>): Promise<T | Check> {
  try {
    return await work()
  } catch (error) {
    const { code, detail, message } = toWasmateError(error)
    if (code === 'CANCELLED' || code === 'INTERNAL' || code === 'STATE_UNWRITABLE') throw error
    return { what, ok: false, detail: printable(detail ?? message), code }
  }
}

/**
 * Puts on the chain that this account has built the version from its source and got its bytes. The verification
 * must come from `verify` here and now, never from whoever asks. Throws the code of the check that failed.
 */
export async function attest(
  { name, version, sha256, checks, verified }: Verification,
  registry: { change(change: RegistryChange, context: Context): Promise<ChangeReceipt> },
  context: Context,
): Promise<ChangeReceipt> {
  const failed = checks.find(({ ok }) => !ok)
  if (failed) throw new WasmateError(failed.code ?? 'NOT_REPRODUCIBLE', failed.detail)
  if (!verified || !sha256) {
    throw new WasmateError('NOT_REPRODUCIBLE', `${name} version ${version} has no sha256 to attest`)
  }
  return registry.change({ kind: 'attest', name, version, sha256 }, context)
}
