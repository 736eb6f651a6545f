// wasmate yank, transfer, accept; and what rollback and verify --attest change on a network, by the same path as a
// deployment.

import { attach } from '../../client/control.ts'
import { type ChangedThere, changeOn, describeChange } from '../../flows/deploying/change.ts'
import type { RegistryChange } from '../../model.ts'
import { parseAddress } from '../../registry/calls.ts'
import { formatStrk } from '../../registry/paid/cost.ts'
import type { Session } from '../session.ts'
import { type WritingOptions, openTarget } from './target.ts'

export async function yankVerb(
  session: Session,
  options: WritingOptions,
  name: string,
  version: string,
): Promise<void> {
  return changeName(session, options, { kind: 'yank', name, version: Number(version) })
}

/** `0x0` withdraws an offer. */
export async function transferVerb(
  session: Session,
  options: WritingOptions,
  name: string,
  to: string,
): Promise<void> {
  return changeName(session, options, { kind: 'transfer-ownership', name, to: parseAddress(to) })
}

export async function acceptVerb(session: Session, options: WritingOptions, name: string): Promise<void> {
  return changeName(session, options, { kind: 'accept-ownership', name })
}

async function changeName(session: Session, options: WritingOptions, change: RegistryChange): Promise<void> {
  const { workspace, output, signal } = session
  const { network } = options
  if (network !== 'emulator') {
    const changed = await changeNetwork(session, options, change)
    return output.result({ name: change.name, ...changed }, describeChanged(change, changed))
  }
  const client = await attach(workspace, signal)
  const changed = await client.stream('change', change, { signal, report: output.progress })
  const done = changed.receipt
    ? `done in block ${changed.receipt.blockNumber}`
    : 'it is so already; nothing was sent'
  output.result({ network, name: change.name, ...changed }, `${change.name}: ${done}`)
}

export async function changeNetwork(
  session: Session,
  options: WritingOptions,
  change: RegistryChange,
): Promise<ChangedThere> {
  const { output, signal } = session
  const target = await openTarget(session, options)
  return changeOn(change, target, { signal, report: output.progress })
}

export function describeChanged(
  change: RegistryChange,
  { state, network, receipt, fee = '0' }: ChangedThere,
): string {
  const doing = `${describeChange(change)} on ${network}`
  if (state === 'unchanged' || !receipt) return `${doing}: it is so already; nothing was sent`
  return `${doing}: done in block ${receipt.blockNumber}, transaction ${receipt.transactionHash}, fee ${formatStrk(BigInt(fee))}`
}
