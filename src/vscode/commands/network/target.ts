// What a command that writes to a network works with.

import { join } from 'node:path'
import type { Config } from '../../../config.ts'
import type { ChangingStages } from '../../../flows/deploying/change.ts'
import type { EmulatorLink } from '../../emulator/link.ts'
import type { Given } from '../given.ts'
import { readConfig } from '../../settings.ts'
import type { NetworkAccounts } from './accounts.ts'
import { needAccount } from './choose.ts'
import { confirmPlan } from './confirm.ts'

export interface OpenTarget {
  stages: ChangingStages
  config: Config
}

/** Throws NETWORK_UNKNOWN, ACCOUNT_MISSING, CANCELLED. */
export async function openTarget(
  { folder }: EmulatorLink,
  accounts: NetworkAccounts,
  network: string,
  given: Given,
): Promise<OpenTarget> {
  const [{ findProfile }, { deploymentsFolder }, { silentLog }, { workspaceAt, prepareWorkspace }, config] =
    await Promise.all([
      import('../../../networks.ts'),
      import('../../../flows/deploying/connect.ts'),
      import('../../../base/log.ts'),
      import('../../../workspace.ts'),
      readConfig(folder),
    ])
  const profile = findProfile(network, config.networks.profiles)
  await needAccount(accounts, network)
  const workspace = workspaceAt(folder.uri.fsPath)
  await prepareWorkspace(workspace)
  return {
    config,
    stages: {
      ...{ network, profile, log: silentLog, folder: deploymentsFolder(workspace.state) },
      signer: await accounts.signer(network),
      confirm: (plan) => confirmPlan(accounts, given, plan),
    },
  }
}

export function contractsFolder(extensionPath: string): string {
  return join(extensionPath, 'contracts')
}
