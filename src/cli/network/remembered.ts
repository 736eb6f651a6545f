// What a person has settled for a network, in the user's own folder: the registry that was published there, and up to
// which fee nobody need be asked.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readState, writeState } from '../../base/disk/state-file.ts'
import { type NetworkProfile, findProfile } from '../../networks.ts'
import type { Session } from '../session.ts'

const schema = z.record(
  z.string(),
  z.object({
    /** Address of a registry of ours. */
    registry: z.string().optional(),
    /** In FRI, decimal digits. */
    unaskedFee: z.string().regex(/^\d+$/).optional(),
  }),
)

type Remembered = z.infer<typeof schema>[string]

export async function recall({ environment }: Session, network: string): Promise<Remembered> {
  const all = await readState(pathIn(environment.configFolder), (value) => schema.parse(value))
  return all?.[network] ?? {}
}

export async function remember({ environment }: Session, network: string, more: Remembered): Promise<void> {
  const path = pathIn(environment.configFolder)
  const all = (await readState(path, (value) => schema.parse(value))) ?? {}
  await mkdir(environment.configFolder, { recursive: true, mode: 0o700 })
  await writeState(path, { ...all, [network]: { ...all[network], ...more } })
}

/** What the settings say of the registry goes before what was published from here. Throws NETWORK_UNKNOWN. */
export async function profileOf(session: Session, network: string): Promise<NetworkProfile> {
  const { profiles } = session.config.networks
  const profile = findProfile(network, profiles)
  const given = Object.hasOwn(profiles, network) ? profiles[network] : undefined
  if (given?.registry !== undefined || given?.kind !== undefined) return profile
  const { registry } = await recall(session, network)
  return registry === undefined ? profile : { ...profile, registry, kind: 'wasmate' }
}

function pathIn(folder: string): string {
  return join(folder, 'networks.json')
}
