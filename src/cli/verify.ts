// wasmate verify, diff: whether a name holds what it promises, and how what is here differs from it.

import { WasmateError, errorTable, toProblem, toWasmateError } from '../base/errors.ts'
import { printable } from '../base/printable.ts'
import { attach } from '../client/control.ts'
import type { Verified } from '../client/messages.ts'
import type { Comparison, PlaceReport } from '../flows/diff.ts'
import type { Verification } from '../flows/verify.ts'
import { Lockfile } from '../lockfile.ts'
import { describeStep } from './describe.ts'
import { type NameSource, openNames } from './names.ts'
import type { WritingOptions } from './network/target.ts'
import { exitCode } from './output.ts'
import type { Session } from './session.ts'

export interface VerifyOptions extends WritingOptions {
  version?: number
  attest?: boolean
}

/** Without a name: every name that wasmate.lock has for the network. One that does not hold keeps none from its turn. */
export async function verifyVerb(session: Session, options: VerifyOptions, name?: string): Promise<void> {
  const names = await openNames(session, options.network, (found) => attestThere(session, options, found))
  if (name !== undefined) return verifyOne(session, options, names, name)
  const { path, all } = await readLocked(session, options.network)
  if (options.version !== undefined) throw new WasmateError('INPUT_INVALID', '--version needs a name')
  if (all.length === 0) {
    throw new WasmateError('INPUT_INVALID', `${path} names no function on ${options.network}; give a name`)
  }
  for (const each of all) {
    await verifyOne(session, options, names, each).catch((error: unknown) => {
      if (toWasmateError(error).code === 'CANCELLED') throw error
      session.output.problem(toProblem(error))
      process.exitCode = exitCode(error)
    })
  }
}

/** Only what was verified here and now; the version's own hash is what is said. */
async function attestThere(
  session: Session,
  options: VerifyOptions,
  { name, version, sha256 }: Verification,
): Promise<Verified['attested']> {
  const { changeNetwork } = await import('./network/change.ts')
  const { receipt } = await changeNetwork(session, options, { kind: 'attest', name, version, sha256 })
  return receipt ?? 'before'
}

async function readLocked({ workspace }: Session, network: string): Promise<{ path: string; all: string[] }> {
  const lockfile = new Lockfile(workspace.folder)
  const locked = (await lockfile.read()).filter((each) => each.network === network)
  return { path: lockfile.path, all: locked.map(({ name }) => name) }
}

async function verifyOne(
  { output, signal }: Session,
  { network, version, attest }: VerifyOptions,
  names: NameSource,
  name: string,
): Promise<void> {
  const found = await names.verify(
    { name, version, attest },
    { signal, step: (step) => output.note(describeStep(step)), report: output.progress },
  )
  output.result({ network, ...found }, describeVerified(found, attest ?? false))
  if (!found.verified || (attest && !found.attested)) process.exitCode = 1
}

function describeVerified(found: Verified, isToAttest: boolean): string {
  const { name, version, cid, checks, verified, attested } = found
  const lines = checks.map(({ what, ok, detail, code }) => {
    const state = ok ? 'ok' : what === 'yanked' ? 'warning' : 'FAILED'
    const next = code ? `\n${' '.repeat(19)}next: ${errorTable[code].next}` : ''
    return `${state.padEnd(8)} ${what.padEnd(9)} ${code ? `${code}: ` : ''}${printable(detail)}${next}`
  })
  const outcome = verified ? 'verified' : 'NOT verified'
  return [
    `${name} v${version}  ${printable(cid)}`,
    ...lines,
    outcome + describeAttested(attested, isToAttest),
  ].join('\n')
}

function describeAttested(attested: Verified['attested'], isToAttest: boolean): string {
  if (attested === 'before') return '; attested by this account before'
  if (attested) return `; attested in block ${attested.blockNumber}`
  return isToAttest ? '; not attested' : ''
}

export async function diffVerb(
  { workspace, output, signal }: Session,
  _options: object,
  name: string,
): Promise<void> {
  const client = await attach(workspace, signal)
  const found = await client.stream('diff', { name }, { signal, report: output.progress })
  output.result(found, describeComparison(found))
  if (!found.same) process.exitCode = 1
}

function describeComparison({ name, same, places }: Comparison): string {
  return [...places.map(describePlace), `${name}: ${same ? 'all the same' : 'not the same'}`].join('\n')
}

function describePlace({ place, found, same, why, problem }: PlaceReport): string {
  const state = found ? (same === false ? 'differs' : 'same') : problem ? 'unknown' : 'absent'
  const { version, cid = '', sha256 } = found ?? {}
  const bytes = found ? [version ? `v${version}` : '', printable(cid), sha256 ? `sha256 ${sha256}` : ''] : []
  const reason = problem ? `${problem.code}: ${printable(problem.detail)}` : why && printable(why)
  const lines = [bytes.filter((part) => part !== '').join('  '), reason, problem && `next: ${problem.next}`]
  const [first = '', ...rest] = lines.filter((line) => line !== undefined && line !== '')
  const indent = `\n${' '.repeat(21)}`
  return `${place.padEnd(12)} ${state.padEnd(7)} ${[first, ...rest].join(indent)}`.trimEnd()
}
