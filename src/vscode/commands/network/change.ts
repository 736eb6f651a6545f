// Roll back, yank, transfer and accept on a network, and our registry put there.

import { ConfigurationTarget, commands, l10n, window, workspace } from 'vscode'
import type { Changed } from '../../../client/messages.ts'
import type { ChangedThere } from '../../../flows/deploying/change.ts'
import type { RegistryChange } from '../../../model.ts'
import type { EmulatorLink } from '../../emulator/link.ts'
import { commands as ids } from '../../ids.ts'
import { runVisibly } from '../../progress.ts'
import { type Desk, type Run, linkFor } from '../command.ts'
import type { Given } from '../given.ts'
import type { ChosenNetwork } from '../networks.ts'
import { readConfig } from '../../settings.ts'
import type { NetworkAccounts } from './accounts.ts'
import { chooseOther } from './choose.ts'
import { contractsFolder, openTarget } from './target.ts'

/** Writing to the network that is chosen, or that a command was given. */
export class NetworkChanges {
  readonly #accounts: NetworkAccounts

  constructor(accounts: NetworkAccounts) {
    this.#accounts = accounts
  }

  /** On the emulator as it always was; elsewhere after the question what it may cost. */
  async change(
    link: EmulatorLink,
    network: string,
    given: Given,
    change: RegistryChange,
  ): Promise<Changed | ChangedThere> {
    const title = l10n.t('Changing {0}', change.name)
    if (network === 'emulator') {
      const client = await link.require()
      return runVisibly(title, (signal, say) =>
        client.stream('change', change, { signal, report: ({ doing }) => say(doing) }),
      )
    }
    const { stages } = await openTarget(link, this.#accounts, network, given)
    const { changeOn } = await import('../../../flows/deploying/change.ts')
    return runVisibly(title, (signal, say) =>
      changeOn(change, stages, { signal, report: ({ doing }) => say(doing) }),
    )
  }
}

/** Gives what came of it; from then on it is the registry of that network in the user's settings. */
export function publishRegistryCommand(desk: Desk, chosen: ChosenNetwork, accounts: NetworkAccounts): Run {
  return async (given) => {
    const link = await linkFor(desk, given)
    const { networks } = await readConfig(link.folder)
    const title = l10n.t('Publish Registry')
    const network = given.network ?? (await chooseOther(chosen, networks.profiles, title))
    const { stages } = await openTarget(link, accounts, network, given)
    const { publishRegistry } = await import('../../../flows/deploying/registry.ts')
    const folder = contractsFolder(desk.context.extensionPath)
    const published = await runVisibly(title, (signal, say) =>
      publishRegistry(stages, folder, { signal, report: ({ doing }) => say(doing) }),
    )
    await useRegistry(network, published.address)
    await commands.executeCommand(ids.refresh)
    void window.showInformationMessage(l10n.t('{0} is the registry of {1} now.', published.address, network))
    return published
  }
}

async function useRegistry(network: string, registry: string): Promise<void> {
  const settings = workspace.getConfiguration('wasmate')
  const profiles = settings.get<Record<string, object>>('networks.profiles') ?? {}
  const profile = { ...profiles[network], registry, kind: 'wasmate' }
  await settings.update('networks.profiles', { ...profiles, [network]: profile }, ConfigurationTarget.Global)
}
