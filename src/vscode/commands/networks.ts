// The network whose registry this window looks at: the emulator's own, or one that the settings describe.

import { type Disposable, type Memento, ThemeIcon, commands, l10n, window, workspace } from 'vscode'
import type { Profiles } from '../../networks.ts'
import { commands as ids } from '../ids.ts'
import { networkKey } from '../trees/sidebar.ts'
import { register, unlessGivenUp } from './command.ts'
import type { Given } from './given.ts'

/** Kept with the workspace. */
export class ChosenNetwork {
  readonly #state: Memento

  constructor(state: Memento) {
    this.#state = state
  }

  get name(): string {
    return this.#state.get<string>(networkKey) ?? 'emulator'
  }

  /** What the command was given for it, else the chosen one. */
  of({ network }: Given): string {
    return network ?? this.name
  }

  /** Throws NETWORK_UNKNOWN. */
  async choose(name: string): Promise<void> {
    const { findProfile } = await import('../../networks.ts')
    if (name !== 'emulator') findProfile(name, readProfiles())
    await this.#state.update(networkKey, name === 'emulator' ? undefined : name)
  }
}

export function registerChooseNetwork(chosen: ChosenNetwork): Disposable {
  return register(ids.chooseNetwork, async (given) => {
    const name = given.network ?? (await askForNetwork(chosen.name))
    if (name === undefined) return chosen.name
    await chosen.choose(name)
    await commands.executeCommand(ids.refresh)
    return name
  })
}

/** `undefined`: the settings were opened instead. */
async function askForNetwork(current: string): Promise<string | undefined> {
  const emulator = { name: 'emulator', detail: l10n.t('The chain of this workspace, on this machine.') }
  const { findProfile, networkNames } = await import('../../networks.ts')
  const profiles = readProfiles()
  const described = networkNames(profiles).map((name) => {
    const { rpcUrl, kind } = findProfile(name, profiles)
    const where = rpcUrl ?? l10n.t('no rpcUrl')
    // What is known to protect nobody is said where it is chosen.
    const unprotected = l10n.t('{0}; the earlier contract, whose names anybody can repoint', where)
    return { name, detail: kind === 'wasm-cid' ? unprotected : where }
  })
  const items = [emulator, ...described].map(({ name, detail }) => ({
    label: name,
    detail,
    iconPath: new ThemeIcon(name === 'emulator' ? 'vm' : 'globe'),
    ...(name === current && { description: l10n.t('chosen') }),
    name,
  }))
  const describe = {
    label: l10n.t('Describe Another Network'),
    iconPath: new ThemeIcon('gear'),
    name: undefined,
  }
  const picked = await window.showQuickPick([...items, describe], {
    title: l10n.t('Choose Network'),
    placeHolder: l10n.t('The registry of which network?'),
  })
  const { name } = unlessGivenUp(picked)
  if (name === undefined) await commands.executeCommand('workbench.action.openSettings', 'wasmate.networks')
  return name
}

/** Nothing of a folder that is not trusted: such a setting is restricted. */
function readProfiles(): Profiles {
  return workspace.getConfiguration('wasmate').get<Profiles>('networks.profiles') ?? {}
}
