// wasmate log, rollback: the versions of a name, and which of them is current.

import { toWasmateError } from '../base/errors.ts'
import { printable } from '../base/printable.ts'
import { attach } from '../client/control.ts'
import { writeLock, writeLockThere } from '../client/lock.ts'
import type { Changed, NameState } from '../client/messages.ts'
import { Lockfile } from '../lockfile.ts'
import type { RegisteredFunction, RegistryChange, VersionRecord } from '../model.ts'
import { openNames } from './names.ts'
import type { WritingOptions } from './network/target.ts'
import type { Session } from './session.ts'

export async function logVerb(
  session: Session,
  { network, watch }: { network: string; watch?: boolean },
  name: string,
): Promise<void> {
  const { output, signal } = session
  const names = await openNames(session, network)
  if (watch) {
    const tell = tellChanges(session, name)
    // To be ended is how watching ends.
    return names.watch(name, tell, signal).catch((error: unknown) => {
      if (!signal.aborted || toWasmateError(error).code !== 'CANCELLED') throw error
    })
  }
  const versions = await names.history(name, { signal, report: output.progress })
  const value = { network, name, versions: versions.map((each) => ({ ...each, published: toIso(each) })) }
  output.result(value, versions.map(describeVersion).join('\n') || `${name} has no versions`)
}

/** Makes an earlier version, or a later one again, the one that answers. */
export async function rollbackVerb(
  session: Session,
  options: WritingOptions,
  name: string,
  version: string,
): Promise<void> {
  const { workspace, output, signal } = session
  // One that can't be written is told before anything is sent.
  await new Lockfile(workspace.folder).read()
  const change = { kind: 'set-current', name, version: Number(version) } as const
  if (options.network !== 'emulator') return rollbackNetwork(session, options, change)
  const client = await attach(workspace, signal)
  const changed = await client.stream('change', change, { signal, report: output.progress })
  if (changed.current) await writeLock(session, client, changed.current)
  output.result({ name, ...changed }, describeRollback(name, changed))
}

async function rollbackNetwork(
  session: Session,
  options: WritingOptions,
  change: Extract<RegistryChange, { kind: 'set-current' | 'yank' }>,
): Promise<void> {
  const { output } = session
  const { changeNetwork, describeChanged } = await import('./network/change.ts')
  const changed = await changeNetwork(session, options, change)
  await writeLockThere(session, changed)
  output.result({ name: change.name, ...changed }, describeChanged(change, changed))
}

function describeRollback(name: string, { state, before, current, receipt }: Changed): string {
  const to = `v${current?.version ?? 0}`
  if (state === 'unchanged') return `${name}: ${to} is current already; nothing was sent`
  const from = before ? `v${before}` : 'no version'
  return `${name}: from ${from} to ${to}, which answers now  ${printable(current?.cid ?? '')}  block ${receipt?.blockNumber ?? 0}`
}

function describeVersion(version: VersionRecord): string {
  const { version: number, isCurrent, yanked, blockNumber, publisher, cid, size, attestedBy } = version
  const marks = [isCurrent ? 'current' : '', yanked ? 'yanked' : ''].filter((mark) => mark !== '')
  const head = [`v${number}`, ...marks, `block ${blockNumber}`, toIso(version), `(${toLocal(version)})`]
  const attested = attestedBy.length > 0 ? `attested by ${attestedBy.join(', ')}` : 'attested by nobody'
  return [
    head.join('  '),
    `    ${printable(cid)}  ${size} B`,
    `    published by ${publisher}`,
    `    ${attested}`,
  ].join('\n')
}

function toIso({ publishedAt }: { publishedAt: number }): string {
  const date = new Date(publishedAt * 1000)
  return Number.isNaN(date.getTime()) ? 'at no known time' : date.toISOString()
}

function toLocal({ publishedAt }: { publishedAt: number }): string {
  return new Date(publishedAt * 1000).toLocaleString()
}

function tellChanges({ output }: Session, name: string): (state: NameState) => void {
  let before: RegisteredFunction | null | undefined
  return ({ current }) => {
    const seen = new Date().toISOString()
    output.result({ seen, name, current }, `${seen}  ${name}  ${describeChange(before, current)}`)
    before = current
  }
}

/** `undefined` before: it is the first that is seen of the name. */
function describeChange(
  before: RegisteredFunction | null | undefined,
  now: RegisteredFunction | null,
): string {
  if (!now) return before ? `v${before.current.version} -> no current version` : 'has no current version'
  const { version, cid, publisher, attestations } = now.current
  const from =
    before === undefined || before?.current.version === version ? '' : `${describeFrom(before)} -> `
  const owner = before && before.owner !== now.owner ? `  owner ${before.owner} -> ${now.owner}` : ''
  // The earlier contract knows neither.
  const by = publisher && `  published by ${publisher}  attested by ${attestations}`
  return `${from}v${version}  ${printable(cid)}${by}${owner}`
}

function describeFrom(before: RegisteredFunction | null): string {
  return before ? `v${before.current.version}` : 'none'
}
