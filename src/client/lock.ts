// What was registered, or made current, through a running emulator: into wasmate.lock.

import { WasmateError } from '../base/errors.ts'
import type { ChangedThere } from '../flows/deploying/change.ts'
import { type LockEntry, Lockfile } from '../lockfile.ts'
import type { ImportProfile, Publication } from '../model.ts'
import type { Workspace } from '../workspace.ts'
import type { ControlClient } from './control.ts'

/** The same of what was made current on a network. */
export async function writeLockThere(
  { workspace, signal }: { workspace: Workspace; signal: AbortSignal },
  { network, contract, current }: Pick<ChangedThere, 'network' | 'contract' | 'current'>,
): Promise<void> {
  if (!current) return
  const { name, version, cid, sha256, size } = current
  const entry = { name, network, contract, version, cid, sha256, size }
  await new Lockfile(workspace.folder).write(entry, { signal })
}

/** wasmate.lock names what was registered, or made current, here. */
export async function writeLock(
  { workspace, signal }: { workspace: Workspace; signal: AbortSignal },
  client: ControlClient,
  { name, version, cid, sha256, size, profile }: Publication & { version: number; profile?: ImportProfile },
): Promise<void> {
  const { registry } = await client.status(signal)
  if (registry === undefined) throw new WasmateError('CHAIN_NOT_READY', `${name} is not in wasmate.lock`)
  const entry = { name, network: 'emulator', contract: registry, version, cid, sha256, size, profile }
  // Of two at one time the other may have been the last on the chain and the first to get here.
  const isNewer = async (found: LockEntry): Promise<boolean> => {
    if (found.contract !== entry.contract || found.version === version) return false
    const versions = await client.stream('log', { name }, { signal }).catch((error: unknown) => {
      if (signal.aborted) throw error
      // Who can't be asked any more changes nothing of what was registered here.
      return []
    })
    const current = versions.find(({ isCurrent }) => isCurrent)
    return current?.version === found.version && current.cid === found.cid
  }
  await new Lockfile(workspace.folder).write(entry, { signal, isNewer })
}
